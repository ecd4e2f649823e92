import { WORDS } from './word-list.js';

/** One word of the list, in bits: log2 of 7,772 */
const LISTED_BITS = 12.9;
/** Something that guessers try first: a common password, a year, a run of keys */
const COMMON_BITS = 7;
/** What is there already, once more */
const REPEATED_BITS = 1;
const DIGIT_BITS = 3.3;
const LETTER_BITS = 4.7;
const OTHER_BITS = 5;
const SPACE_BITS = 1;
const CAPITAL_BITS = 1;
/** A longer run is not looked through for words of the list: nobody types one. */
const RUN_MAX_CHARACTERS = 64;

/** What lists of stolen passwords have most often, without the digits that many end with. */
const COMMON: ReadonlySet<string> = new Set(
  (
    'password passwort passw pass admin administrator root user test guest login welcome letmein ' +
    'secret geheim master dragon monkey shadow sunshine princess football baseball superman batman ' +
    'iloveyou loveyou love trustno hello hallo changeme default access whatever starwars pokemon ' +
    'computer internet samsung michael jordan jennifer charlie ashley daniel thomas hunter ranger ' +
    'killer pepper ginger summer winter cheese banana cookie freedom qwertz azerty onion onionferry ' +
    'ferry tor torbrowser share inbox relay files transfer'
  ).split(' '),
);

/** Rows of keys, which are typed along */
const ROWS = ['qwertyuiop', 'qwertzuiop', 'azertyuiop', 'asdfghjkl', 'zxcvbnm', 'yxcvbnm'];

const LISTED: ReadonlySet<string> = /* @__PURE__ */ new Set(WORDS);

/**
 * How many guesses a chosen password withstands, as a power of two, by what somebody tries who knows
 * how people choose: words, common passwords, years, runs of keys, and one thing again and again.
 *
 * It is meant to err on the low side. Characters that are drawn at random have more.
 */
export function strengthOf(password: string): number {
  const seen = new Set<string>();
  let bits = 0;
  for (const [part] of password.normalize('NFKC').matchAll(/\p{L}+|\p{N}+|[^\p{L}\p{N}]+/gu)) {
    const text = part.toLowerCase();
    bits += seen.has(text) ? Math.min(REPEATED_BITS, bitsOf(text)) : bitsOf(text);
    if (text !== part) bits += CAPITAL_BITS;
    seen.add(text);
  }
  return bits;
}

function bitsOf(text: string): number {
  if (LISTED.has(text)) return LISTED_BITS;
  const ofRun = isRun(text) ? Math.min(COMMON_BITS, text.length * DIGIT_BITS) : Infinity;
  return Math.min(ofRun, bitsOfKind(text));
}

function bitsOfKind(text: string): number {
  if (/^\p{N}/u.test(text)) {
    return /^(?:19|20)\d\d$/.test(text) ? COMMON_BITS : text.length * DIGIT_BITS;
  }
  if (/^\p{L}/u.test(text)) return bitsOfLetters(text);
  // Of the same character it is enough to know how many.
  return [...new Set(text)].reduce(
    (bits, one) => bits + (one === ' ' || one === '-' ? SPACE_BITS : OTHER_BITS),
    0,
  );
}

/** The cheapest way to put it together from words and single letters. */
function bitsOfLetters(text: string): number {
  if (text.length > RUN_MAX_CHARACTERS) return bitsOfOtherLetters(text.length);
  const cheapest = [0];
  for (let end = 1; end <= text.length; end++) {
    let best = Number.POSITIVE_INFINITY;
    for (let start = 0; start < end; start++) {
      const word = text.slice(start, end);
      best = Math.min(best, (cheapest[start] ?? 0) + bitsOfWord(word));
    }
    cheapest.push(best);
  }
  return cheapest[text.length] ?? 0;
}

function bitsOfWord(word: string): number {
  // Of those, one is as likely as another: a generated password may have a common word in it.
  if (LISTED.has(word)) return LISTED_BITS;
  if (COMMON.has(word) || (word.length > 2 && isRun(word))) return COMMON_BITS;
  return bitsOfOtherLetters(word.length);
}

/** Of a word of some language: its letters follow from each other. */
function bitsOfOtherLetters(length: number): number {
  return Math.min(length * LETTER_BITS, 6 + length * 2.4);
}

/** The same character all along, one after the other, or along a row of keys. */
function isRun(text: string): boolean {
  const codes = Array.from(text, (one) => one.codePointAt(0) ?? 0);
  const steps = new Set(codes.slice(1).map((code, index) => code - (codes[index] ?? 0)));
  const [step = 0] = steps;
  if (steps.size <= 1 && Math.abs(step) <= 1) return true;
  const back = Array.from(text).toReversed().join('');
  return ROWS.some((row) => row.includes(text) || row.includes(back));
}
