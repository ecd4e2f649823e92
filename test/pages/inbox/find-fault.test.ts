import { expect, test } from 'vitest';
import { type ChoiceLimits, findFault } from '../../../src/browser/uploading/find-fault.js';
import { LANGUAGES } from '../../../src/pages/words/words.js';

const NONE: ChoiceLimits = {
  bytesPerFile: null,
  bytesPerUpload: null,
  filesPerUpload: null,
  noteBytes: null,
};
const files = (...names: readonly string[]): File[] =>
  names.map((name) => new File(['12345'], name));
const WORDS = LANGUAGES.en;
const { title } = WORDS.inbox.refused;

test.each([
  ['nothing at all', { files: [], note: ' \n' }, NONE, title['empty-form']],
  [
    'too many files',
    { files: files('a', 'b'), note: '' },
    { filesPerUpload: 1 },
    title['too-many-files'],
  ],
  ['a large file', { files: files('a'), note: '' }, { bytesPerFile: 4 }, title['file-too-large']],
  [
    'much at once',
    { files: files('a', 'b'), note: '' },
    { bytesPerUpload: 9 },
    title['upload-too-large'],
  ],
  ['a long note', { files: [], note: 'ü' }, { noteBytes: 1 }, title['note-too-long']],
] as const)('the page says before sending what would be refused: %s', (_, choice, limits, says) => {
  expect(findFault(choice, { ...NONE, ...limits }, undefined, WORDS)?.[0]).toBe(says);
});

test('the page says before sending which file type would be refused', () => {
  const choice = { files: files('a.txt', 'b.EXE'), note: '' };
  expect(findFault(choice, NONE, { deny: ['exe'] }, WORDS)?.[1]).toContain('“b.EXE”');
  expect(findFault(choice, NONE, { accept: ['exe'] }, WORDS)?.[1]).toContain('“a.txt”');
});

test('the page finds no fault in what may be sent', () => {
  const limits = { bytesPerFile: 5, bytesPerUpload: 10, filesPerUpload: 2, noteBytes: 2 };
  expect(
    findFault({ files: files('a', 'b'), note: 'ü' }, limits, undefined, WORDS),
  ).toBeUndefined();
  expect(findFault({ files: [], note: 'ü' }, limits, { accept: ['txt'] }, WORDS)).toBeUndefined();
});
