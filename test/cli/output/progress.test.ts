import { expect, test, vi } from 'vitest';
import type { FerryEvent, ProgressEvent } from '../../../src/api/events.js';
import { columnsOf, cutBetweenParts, cutInTheMiddle } from '../../../src/cli/output/cut.js';
import { LiveLine } from '../../../src/cli/output/live-line.js';
import { CapturedStream } from '../../support/captured-stream.js';
import { tell } from './tell.js';

const FILE = 'letters/2024/a rather long name of a file that says much about it.pdf';
const PROGRESS: ProgressEvent = {
  event: 'progress',
  bytes: 7_400_000,
  total: 20_000_000,
  rate: 1_200_000,
  circuits: 8,
  file: FILE,
  fileNumber: 1480,
  files: 4000,
};

/** Each line that was drawn, without what moves the cursor. */
function drawn(text: string): string[] {
  return text.split(/\n|\r|\u001b\[[\d;?]*[A-Za-z]|\u001b[78]/).filter((line) => line !== '');
}

test.each([
  [80, '  file 1480 of 4000: letter…ther long name of a file that says much about it.pdf'],
  [40, '  file 1480 of…at says much about it.pdf'],
])('in %d columns the file is named below the progress, and no line is wider', (columns, named) => {
  const { stderr } = tell([PROGRESS], { verb: 'receive' }, { err: true, columns });
  const lines = drawn(stderr.text);
  expect(lines.some((line) => line.includes('37%, 7.4 MB of 20.0 MB, 1.2 MB/s'))).toBe(true);
  expect(lines.filter((line) => columnsOf(line) > columns)).toEqual([]);
  expect(lines).toContain(named);
});

test('what is no terminal hears which file it is in the line that it gets, without a cursor', () => {
  const { text } = tell([PROGRESS], { verb: 'send' }).stderr;
  expect(text).toContain(`8 circuits, file 1480 of 4000: ${FILE}\n`);
  expect(text).not.toContain('\u001b');
});

test('the name of the only file stands alone, and cannot harm a terminal', () => {
  const only = { ...PROGRESS, file: '\u001b[2Jred', fileNumber: 1, files: 1 };
  const { text } = tell([only], { verb: 'send' }, { err: true }).stderr;
  expect(drawn(text)).toContain('  \\u{1b}[2Jred');
});

const FEW: readonly FerryEvent[] = [
  { ...PROGRESS, file: 'b', fileNumber: 2, files: 3 },
  { event: 'arrived', path: 'a\u001b[2J', bytes: 1500 },
  { event: 'arrived', path: 'b', bytes: 12 },
];

test('a terminal gets a line for each file that is whole, where all of them fit', () => {
  const shown = tell(FEW, { verb: 'send' }, { err: true }).stderr.shown.split('\n');
  expect(shown.filter((line) => line !== '')).toEqual(['  a\\u{1b}[2J, 1.5 kB', '  b, 12 B']);
  const { text } = tell(FEW, { verb: 'send' }, { err: true }).stderr;
  expect(text.lastIndexOf('file 2 of 3: b')).toBeGreaterThan(text.lastIndexOf('b, 12 B'));
});

test('neither a log gets one, nor a terminal with fewer rows than files', () => {
  expect(tell(FEW, { verb: 'send' }).stderr.text).not.toContain('12 B');
  const many = FEW.map((event) => (event.event === 'progress' ? { ...event, files: 40 } : event));
  expect(tell(many, { verb: 'send' }, { err: true, rows: 24 }).stderr.text).not.toContain(
    'b, 12 B',
  );
});

test('the owner of an inbox sees an upload while it comes, and that it has stopped', () => {
  const upload = { event: 'upload', name: 'a.iso', bytes: 1000, total: 4000 } as const;
  const coming = tell([{ ...upload, isStopped: false }], { verb: 'inbox' }, { err: true });
  expect(drawn(coming.stderr.text)).toContain('  a.iso');
  expect(coming.stderr.text).toContain('an upload, 25%, 1.0 kB of 4.0 kB');
  const { text } = tell([{ ...upload, isStopped: true }], { verb: 'inbox' }).stderr;
  expect(text).toBe('the upload of a.iso has stopped at 1.0 kB\nwaiting for visitors\n');
});

test('of several recipients at once no files are named, where their lines need the room', () => {
  vi.useFakeTimers();
  const stream = new CapturedStream({ isTTY: true, columns: 100 });
  const live = new LiveLine(stream);
  for (const number of [1, 2, 3]) live.show('progress', `no. ${number}`, 0, number, `of ${number}`);
  vi.advanceTimersByTime(500);
  expect(stream.text).toContain('  of 3');
  const before = stream.text.length;
  live.show('progress', 'no. 4', 0, 4, 'of 4');
  vi.advanceTimersByTime(500);
  expect(stream.text.slice(before)).toContain('no. 4');
  expect(stream.text.slice(before)).not.toContain('  of 4');
  live.clear();
  vi.useRealTimers();
});

test('a text is cut by the columns that it takes', () => {
  expect(cutInTheMiddle('日本語.txt', 10)).toBe('日本語.txt');
  expect(columnsOf(cutInTheMiddle('日本語の手紙.txt', 10))).toBeLessThanOrEqual(10);
  expect(cutInTheMiddle('日本語の手紙.txt', 10)).toMatch(/^日….*\.txt$/);
  expect(cutInTheMiddle('abc', 0)).toBe('');
  expect(cutBetweenParts('45%, 1 MB of 2 MB, 3 kB/s', 20)).toBe('45%, 1 MB of 2 MB');
  expect(cutBetweenParts('a line without parts', 10)).toHaveLength(10);
});
