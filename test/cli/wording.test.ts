import { expect, test } from 'vitest';
import { OnionferryError } from '../../src/base/errors.js';
import { errorLines } from '../../src/cli/error-wording.js';
import {
  doneLines,
  installText,
  nameLines,
  peerLine,
  progressText,
  sentence,
} from '../../src/cli/wording.js';

test.each([
  ['The invitation cannot be used: it is damaged.', 'the invitation cannot be used: it is damaged'],
  ['there is none', 'there is none'],
  ['Tor ended.', 'Tor ended'],
  ['ENOENT, no such file', 'ENOENT, no such file'],
  ['it goes on...', 'it goes on...'],
  ['', ''],
])('%j is said as %j', (message, said) => {
  expect(sentence(message)).toBe(said);
});

function said(error: OnionferryError): string[] {
  return errorLines(error).map(({ text }) => text);
}

test('an error is one sentence, and hints stand on lines of their own', () => {
  expect(said(new OnionferryError('ERR_TOR_DIED', 'Tor ended.'))).toEqual([
    'onionferry: error: Tor ended',
    'onionferry: hint: to find out what is wrong, run onionferry tor doctor',
  ]);
  expect(said(new OnionferryError('ERR_PEER_GONE', 'the other side went away'))).toEqual([
    'onionferry: error: the other side went away',
  ]);
});

test('a bug is called one, and --verbose is named', () => {
  expect(said(new OnionferryError('ERR_INTERNAL', 'x')).at(-1)).toMatch(
    /bug in onionferry; --verbose/,
  );
});

test('an interruption is no error', () => {
  expect(said(new OnionferryError('ERR_INTERRUPTED', 'interrupted'))).toEqual(['interrupted']);
});

test.each([
  [{ bytes: 0, total: 100, rate: 0, circuits: 1 }, '0%, 0 B of 100 B, 0 B/s'],
  [{ bytes: 999, total: 1000, rate: 10, circuits: 1 }, '99%, 999 B of 1.0 kB, 10 B/s, 0.1s left'],
  [{ bytes: 10, total: 10, rate: 5, circuits: 8 }, '100%, 10 B of 10 B, 5 B/s, 8 circuits'],
  [{ bytes: 10, total: null, rate: 5, circuits: 1 }, '10 B, 5 B/s'],
])('progress %j is %j', (progress, text) => {
  expect(progressText({ event: 'progress', ...progress })).toBe(text);
});

test('an installation names the step, what it works on and how far it is', () => {
  const install = { event: 'install', phase: 'download', bytes: 1e6, summary: 'tor' } as const;
  expect(installText(install)).toBe('downloading tor, 1.0 MB');
  expect(installText({ ...install, bytes: 0 })).toBe('downloading tor');
  expect(installText({ ...install, phase: 'verify', bytes: 0 })).toBe('verifying tor');
  expect(installText({ ...install, total: 2e7 })).toBe('downloading tor, 1.0 MB of 20.0 MB');
});

test('each side speaks of the other', () => {
  expect(peerLine('send', { state: 'authenticated' }).text).toBe(
    'the recipient knows the password',
  );
  expect(peerLine('receive', { state: 'authenticated' }).text).toBe(
    'the sender knows the password',
  );
});

test('the end tells how much, how long and how fast', () => {
  const done = { event: 'done', bytes: 1e9, files: 1, seconds: 190, circuits: 8 } as const;
  const text = (side: 'send' | 'receive', kind: 'files' | 'text'): string[] =>
    doneLines(side, done, kind).map((line) => line.text);
  expect(text('send', 'files')).toEqual(['sent 1 file, 1.0 GB in 3m 10s (5.3 MB/s)']);
  expect(text('receive', 'text')).toEqual(['received the text, 1.0 GB in 3m 10s (5.3 MB/s)']);
  expect(doneLines('send', { ...done, bytes: 0, seconds: 0 }, 'files')).toEqual([
    { text: 'sent 1 file, 0 B in 0.1s', tone: 'good' },
  ]);
});

test.each([
  ['send', 'sent 12.0 MB in 4.0s (3.0 MB/s); the recipient kept none of the files'],
  ['receive', 'received 12.0 MB in 4.0s (3.0 MB/s); kept none of the files'],
] as const)('when every file was skipped, %s does not speak of 0 files', (side, text) => {
  const done = { event: 'done', bytes: 12e6, files: 0, seconds: 4, circuits: 1 } as const;
  expect(doneLines(side, done, 'files')).toEqual([{ text }]);
});

test('a name that would fill the screen keeps both ends', () => {
  const [line] = nameLines([`${'a'.repeat(300)}.tar.gz`]);
  expect(line?.text).toMatch(/^ {2}a{70}…a{22}\.tar\.gz$/);
});
