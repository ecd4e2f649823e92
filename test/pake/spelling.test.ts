import { expect, test } from 'vitest';
import { nearestWords, unlistedWords, wordsBeginningWith } from '../../src/pake/spelling.js';
import { WORDS } from '../../src/pake/word-list.js';

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

/** Damerau-Levenshtein distance by its definition, which is slow. */
function distance(a: string, b: string): number {
  if (a === '' || b === '') return a.length + b.length;
  if (a.at(-1) === b.at(-1)) return distance(a.slice(0, -1), b.slice(0, -1));
  const [shortA, shortB] = [a.slice(0, -1), b.slice(0, -1)];
  const edits = [distance(shortA, b), distance(a, shortB), distance(shortA, shortB)];
  if (a.length > 1 && a.at(-1) === b.at(-2) && a.at(-2) === b.at(-1)) {
    edits.push(distance(a.slice(0, -2), b.slice(0, -2)));
  }
  return Math.min(...edits) + 1;
}

test.each([
  ...['ox', 'acc', 'cab', 'acci', 'tehm', 'ebul', 'olev', 'ozide', 'eeid'],
  ...['aabc', 'kinf', 'riev', 'nifk'],
])('the words nearest to %s are at most three, two mistakes away, the same start first', (typed) => {
  const near = WORDS.filter((word) => Math.abs(word.length - typed.length) <= 2)
    .map((word) => ({ word, mistakes: distance(typed, word) }))
    .filter(({ mistakes }) => mistakes <= 2)
    .toSorted(
      (one, other) =>
        one.mistakes - other.mistakes ||
        Number(other.word[0] === typed[0]) - Number(one.word[0] === typed[0]),
    );
  expect(nearestWords(typed)).toEqual(near.slice(0, 3).map(({ word }) => word));
});

test('of a word that was not typed to its end those that begin so are named, three at most', () => {
  expect(wordsBeginningWith('hypno').length).toBeGreaterThan(3);
  expect(nearestWords('hypno')).toEqual(['hypnoses', 'hypnosis', 'hypnotic']);
});

test('nothing is like a text that is longer than any word', () => {
  expect(nearestWords('a'.repeat(21))).toEqual([]);
});

test('half of the words may be unlisted', () => {
  const unlisted = unlistedWords('abacus-zoom-sprint-xyzzy-plugh-frobnitz');
  expect(unlisted.map(({ word }) => word)).toEqual(['xyzzy', 'plugh', 'frobnitz']);
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
