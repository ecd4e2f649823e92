import { expect, test, vi } from 'vitest';
import { LiveLine, spinnerText } from '../../../src/cli/output/live-line.js';
import { CapturedStream } from '../../support/captured-stream.js';

test.each([
  [0, '⠋ waiting'],
  [150, '⠙ waiting'],
  [1050, '⠋ waiting (1s)'],
  [12_900, '⠏ waiting (12s)'],
  [185_000, '⠋ waiting (3m 05s)'],
])('after %d ms it shows %s', (elapsed, shown) => {
  expect(spinnerText('waiting', elapsed)).toBe(shown);
});

/** The rows of a terminal at the end, as a person sees them. */
function rowsOf(text: string): string[] {
  const rows = [''];
  let at = 0;
  for (const [piece] of text.matchAll(/\u001b\[(\d*)[A-Za-z]|\n|[^\u001b\n]+/g)) {
    if (piece === '\n') rows[++at] ??= '';
    else if (/\u001b\[\d*A/.test(piece)) at -= Number(piece.slice(2, -1));
    else if (piece === '\u001b[0J') rows.splice(at, Infinity, '');
    else if (!piece.startsWith('\u001b')) rows[at] = piece;
  }
  return rows.map((row) => row.replace(/^[█░⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏ ]+/, ''));
}

test('each recipient has a line of its own, above what concerns all of them', () => {
  vi.useFakeTimers();
  const stream = new CapturedStream({ isTTY: true, columns: 100 });
  const live = new LiveLine(stream);
  live.show('wait', 'waiting');
  live.show('progress', 'second', 0.5, 2);
  live.show('progress', 'first', 0.1, 1);
  vi.advanceTimersByTime(500);
  expect(rowsOf(stream.text)).toEqual(['first', 'second', 'waiting']);
  live.drop(1);
  live.show('progress', 'second, further', 0.6, 2);
  vi.advanceTimersByTime(300);
  expect(rowsOf(stream.text)).toEqual(['second, further', 'waiting']);
  live.clear();
  expect(rowsOf(stream.text)).toEqual(['']);
  vi.useRealTimers();
});

test('what does not fit is counted', () => {
  vi.useFakeTimers();
  const stream = new CapturedStream({ isTTY: true, columns: 100 });
  const live = new LiveLine(stream);
  for (let number = 1; number <= 14; number++) live.show('progress', `no. ${number}`, 0, number);
  live.show('wait', 'waiting');
  vi.advanceTimersByTime(500);
  const rows = rowsOf(stream.text);
  expect(rows).toHaveLength(12);
  expect(rows.slice(-3)).toEqual(['no. 10', 'and 4 more', 'waiting']);
  live.clear();
  vi.useRealTimers();
});

test('without a terminal each recipient’s progress is told rarely', () => {
  const stream = new CapturedStream();
  const live = new LiveLine(stream);
  for (const part of [1, 2, 3]) {
    for (const number of [1, 2]) live.show('progress', `no. ${number}, part ${part}`, 0, number);
  }
  expect(stream.text).toBe('no. 1, part 1\nno. 2, part 1\n');
});

test('without a terminal a wait is told each minute, until something else is', () => {
  vi.useFakeTimers();
  const stream = new CapturedStream();
  const live = new LiveLine(stream);
  live.show('wait', 'waiting for the recipient');
  vi.advanceTimersByTime(125_000);
  live.clear();
  live.show('progress', '10%', 0.1);
  vi.advanceTimersByTime(600_000);
  expect(stream.text.split('\n')).toEqual([
    'waiting for the recipient',
    'waiting for the recipient, since 1m 00s',
    'waiting for the recipient, since 2m 00s',
    '10%',
    '',
  ]);
  vi.useRealTimers();
});
