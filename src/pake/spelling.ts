import { parsePassword } from './password.js';
import { WORDS } from './word-list.js';

/** A word that generated passwords cannot have, and those of the list that are most like it. */
export interface UnlistedWord {
  /** Counted from 1. */
  readonly position: number;
  readonly word: string;
  readonly nearest: readonly string[];
}

const NEAREST_MAX = 3;
/** Single characters that were changed, left out, added or swapped. */
const DISTANCE_MAX = 2;

const LISTED: ReadonlySet<string> = /* @__PURE__ */ new Set(WORDS);

export function isListed(word: string): boolean {
  return LISTED.has(word.toLowerCase());
}

/**
 * The words of a password that are not in the list. A password that somebody chose may have them: if
 * few of its words are listed it is taken for one, and nothing is returned.
 *
 * @throws OnionferryError ERR_PASSWORD_FORM
 */
export function unlistedWords(password: string): readonly UnlistedWord[] {
  const { access, words } = parsePassword(password);
  const all = `${access}-${words}`.split('-');
  const unlisted = all.flatMap((word, index) => {
    return isListed(word) ? [] : [{ position: index + 1, word, nearest: nearestWords(word) }];
  });
  return unlisted.length > all.length / 2 ? [] : unlisted;
}

/** The words of the list that begin so. */
export function wordsBeginningWith(start: string): readonly string[] {
  const lower = start.toLowerCase();
  return WORDS.filter((word) => word.startsWith(lower));
}

/** The most similar words of the list, the nearest first. */
export function nearestWords(word: string): readonly string[] {
  if (word.length > 20) return [];
  const near = WORDS.map((listed) => ({ listed, distance: distanceOf(word, listed) }));
  const found = near.filter(({ distance }) => distance <= DISTANCE_MAX);
  // The sort is stable: equal ones stay in the order of the alphabet, but the same start counts.
  const rank = ({ listed, distance }: { listed: string; distance: number }): number =>
    distance * 2 - (listed[0] === word[0] ? 1 : 0);
  found.sort((a, b) => rank(a) - rank(b));
  const nearest = found.slice(0, NEAREST_MAX).map(({ listed }) => listed);
  // A word that was not typed to its end.
  return nearest.length > 0 ? nearest : wordsBeginningWith(word).slice(0, NEAREST_MAX);
}

/**
 * Damerau-Levenshtein distance, of adjacent characters swapped once ("optimal string alignment").
 *
 * @returns more than DISTANCE_MAX if it is more
 */
function distanceOf(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > DISTANCE_MAX) return DISTANCE_MAX + 1;
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let least = Math.min(
        (previous[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (previous[j - 1] ?? 0) + cost,
      );
      if (a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] && i > 1 && j > 1) {
        least = Math.min(least, (before[j - 2] ?? 0) + 1);
      }
      row.push(least);
    }
    before = previous;
    previous = row;
  }
  return previous[b.length] ?? 0;
}
