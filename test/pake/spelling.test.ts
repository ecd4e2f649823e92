import { expect, test } from 'vitest';
import { nearestWords, unlistedWords, wordsBeginningWith } from '../../src/pake/spelling.js';

test.each([
  ['abcus', 'abacus'],
  ['zom', 'zoom'],
  ['sprnit', 'sprint'],
  ['oxidze', 'oxidize'],
  ['elmm', 'elm'],
  ['oxidi', 'oxidize'],
])('the word most like %s is %s', (typed, meant) => {
  expect(nearestWords(typed)[0]).toBe(meant);
});

test('only words that are not in the list are named, with their position', () => {
  const unlisted = unlistedWords('Abacus-zom-sprint-oxidize-elm');
  expect(unlisted.map(({ position, word }) => [position, word])).toEqual([[2, 'zom']]);
  expect(unlistedWords('abacus-zoom-sprint-oxidize-elm')).toEqual([]);
});

test('a password that somebody chose is left alone', () => {
  expect(unlistedWords('xyzzy-plugh-frobnitz-my-horse')).toEqual([]);
});

test('what begins so is found in any case', () => {
  expect(wordsBeginningWith('ABAC')).toEqual(['abacus']);
});
