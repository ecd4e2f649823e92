import { expect, test } from 'vitest';
import { type Key, SecretLine } from '../../src/cli/secret-line.js';

const WORDS = ['abacus', 'abdomen', 'zoom'];
const completed = (start: string): string[] => WORDS.filter((word) => word.startsWith(start));

function typed(...keys: (string | Key)[]): SecretLine {
  const line = new SecretLine(completed);
  for (const key of keys) {
    if (typeof key !== 'string') line.press(undefined, key);
    else for (const character of key) line.press(character, { sequence: character });
  }
  return line;
}

test.each([
  ['types', ['zoom'], 'zoom'],
  ['removes the last character', ['zoom👍', { name: 'backspace' }], 'zoom'],
  ['removes a word', ['zoom-aba', { name: 'w', ctrl: true }], 'zoom-'],
  ['removes all', ['zoom', { name: 'u', ctrl: true }, 'a'], 'a'],
  ['ignores arrows', ['zoom', { name: 'left', sequence: '\u001b[D' }], 'zoom'],
  ['completes a word and adds a hyphen', ['zo', { name: 'tab' }], 'zoom-'],
  ['completes what is certain', ['a', { name: 'tab' }], 'ab'],
  ['completes behind a hyphen', ['zoom-aba', { name: 'tab' }], 'zoom-abacus-'],
  ['completes nothing of nothing', ['zoom-', { name: 'tab' }], 'zoom-'],
])('%s', (_, keys, text) => {
  expect(typed(...keys).text).toBe(text);
});

test('a line break in what is pasted does not end it', () => {
  const line = typed({ name: 'paste-start' }, 'http://x/#');
  expect(line.press('\r', { name: 'return', sequence: '\r' })).toBe('going-on');
  line.press(undefined, { name: 'paste-end' });
  expect(line.press('\r', { name: 'return', sequence: '\r' })).toBe('entered');
  expect(line.text).toBe('http://x/#\n');
});

test('it is shown by choice', () => {
  const line = typed('zoom');
  expect(line.isShown).toBe(false);
  line.press(undefined, { name: 'r', ctrl: true });
  expect(line.isShown).toBe(true);
});

test('Ctrl-C and Ctrl-D end it, each in its way', () => {
  expect(typed().press(undefined, { name: 'c', ctrl: true })).toBe('interrupted');
  expect(typed().press(undefined, { name: 'd', ctrl: true })).toBe('ended');
});
