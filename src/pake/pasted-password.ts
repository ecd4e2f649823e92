import { GENERATED_WORDS } from './password.js';

/* The words behind '#', or behind a label, as chats and mails deliver them. */

export interface PastedRules {
  /** Whether a password has all its words, and a key behind it all its letters. */
  readonly isWhole: (fragment: string) => boolean;
  /** Whether a word is one of the list that passwords are made of; nothing is, unless given. */
  readonly isWord?: ((word: string) => boolean) | undefined;
}

/** What words and the parts behind them consist of. */
const PART = /[\p{L}\p{N}\p{M}\p{Pd}\u2212%;=_]/u;
/** Besides those, in the password of a relay. */
const RELAY_PART = /[.~]/;
/** Between listed words, where somebody has told or typed them */
const BETWEEN_WORDS = /[,+.·•]/;
/** More than a word has; the search for its beginning takes the square of it. */
const WORD_MAX_CHARACTERS = 64;
/** What may stand before a password that is emphasised, quoted or set apart */
const BEFORE_WORDS = /^[\s*"'“”‘’`!/([<_]{1,4}/;
/** Dashes that autocorrection does not make of a hyphen */
const LONG_DASH = /[\u2014\u2015\u2e3a\u2e3b]/;

/** How people set words apart who do not write hyphens; a blank line ends them. */
const SET_APART = [
  ' {1,4}| ?\\n ?',
  ' ?\\n?[,+.·•] ?\\n?',
  '[ \\n]{1,2}[\\p{Pd}\\u2212][ \\n]{1,2}',
].map(
  (gap) =>
    new RegExp(`^\\p{L}+(?:(?:${gap})\\p{L}+){${GENERATED_WORDS - 1}}(?![\\p{L}\\p{N}])`, 'u'),
);

/** What stands behind '#' or a label, perhaps emphasised or set apart if that is a password. */
export function fragmentBehind(text: string, rules: PastedRules): string {
  const [before] = BEFORE_WORDS.exec(text) ?? [];
  if (before !== undefined) {
    const fragment = fragmentAt(text.slice(before.length), rules);
    if (rules.isWhole(fragment)) return fragment;
  }
  return fragmentAt(text, rules);
}

/** The words and what belongs to them, up to where something else begins. */
function fragmentAt(given: string, rules: PastedRules): string {
  const text = withHyphens(given, rules);
  let read = '';
  let at = 0;
  for (;;) {
    const run = runAt(text, at, read);
    at += run.length;
    // No password has a "_" itself.
    read += read.includes(';') ? run : run.replace(/^[^;]*/, (words) => hyphened(words));
    const end = endOf(read, rules);
    if (end !== undefined) return read.slice(0, end);
    const [gap = ''] = /^[ \n,+.·•]{0,8}/.exec(text.slice(at, at + 8)) ?? [];
    const next = runAt(text, at + gap.length, read);
    const joint = gap === '' || next === '' ? undefined : jointOf(read, gap, next, rules);
    // What begins behind a semicolon has a name and a value.
    if (joint === undefined) return read.replace(/[-\p{Pd};._~]+$/u, '').replace(/;[a-z]+$/i, '');
    read += joint;
    at += gap.length;
  }
}

/**
 * With hyphens between as many words as a generated password has, if all are set apart in one way:
 * five of them would be a password, too, and it would be the wrong one.
 */
function withHyphens(text: string, { isWord }: PastedRules): string {
  // Without the list: all of its words are like this.
  const mayBeListed = isWord ?? ((word: string) => /^[a-z]{3,9}$/i.test(word));
  for (const setApart of SET_APART) {
    const [all] = setApart.exec(text) ?? [];
    const words = all?.match(/\p{L}+/gu) ?? [];
    if (all === undefined || !words.every(mayBeListed)) continue;
    return words.join('-') + text.slice(all.length);
  }
  return text;
}

function hyphened(words: string): string {
  return words.replace(/(?<=[\p{L}\p{N}])_(?=[\p{L}\p{N}])/gu, '-');
}

/** The letters and digits that a text ends in, as far as a word may be long. */
export function lastWordOf(text: string): string {
  return /[\p{L}\p{N}]*$/u.exec(text.slice(-WORD_MAX_CHARACTERS))?.[0] ?? '';
}

/** Where a whole password ends although more stands right behind it; undefined if it does not. */
function endOf(read: string, { isWhole }: PastedRules): number | undefined {
  const semicolon = /;(?!$|[a-z]+$|[a-z]+=)/i.exec(read)?.index;
  const dash = LONG_DASH.exec(read)?.index;
  return [semicolon, dash].find((end) => {
    if (end === undefined) return false;
    const before = read.slice(0, end);
    return before.includes('-') && !before.includes(';') && isWhole(before);
  });
}

function runAt(text: string, from: number, before: string): string {
  let to = from;
  let inRelay = /;relay=[^;]*$/.test(before);
  for (let code = text.codePointAt(to); code !== undefined; code = text.codePointAt(to)) {
    const character = String.fromCodePoint(code);
    if (!PART.test(character) && !(inRelay && RELAY_PART.test(character))) break;
    to += character.length;
    if (character === '=') inRelay = text.slice(from, to).endsWith(';relay=');
    else if (character === ';') inRelay = false;
  }
  return text.slice(from, to);
}

/** What belongs between two runs: nothing, a hyphen, or undefined if the second is other text. */
function jointOf(read: string, gap: string, next: string, rules: PastedRules): string | undefined {
  const isToldApart = BETWEEN_WORDS.test(gap);
  if (!isToldApart && /[\p{Pd};=%]$|%[\da-f]$/iu.test(read)) return '';
  if (!isToldApart && /^(?:[\p{Pd};%])[\p{L}\p{N}]/u.test(next)) return '';
  const { isWhole, isWord = () => false } = rules;
  const last = lastWordOf(read);
  const following = /^[\p{L}\p{N}]*/u.exec(next)?.[0] ?? '';
  const isBroken = !isToldApart && gap.includes('\n') && !isWord(last) && isWord(last + following);
  if (isBroken) return '';
  if (isWhole(read)) return undefined;
  if (isToldApart) return isWord(last) && isWord(following) ? '-' : undefined;
  // Words may stand apart, and a line may break within one.
  if (gap.includes('\n') && !isWord(last)) return '';
  return following === '' ? '' : '-';
}
