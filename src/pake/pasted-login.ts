import { fragmentBehind, lastWordOf, type PastedRules } from './pasted-password.js';

/*
 * A password that somebody gives beside the address instead of behind its '#': in a line of its own
 * with a label, as our screens and people write it, or as words of the list that hyphens join.
 */

/** In English, German and Spanish; what has another one is found by its words. */
const LABEL =
  /(?<![\p{L}\p{N}])(?:pass ?(?:word|wort|phrase|code)?|passwd|pwd?|psw|kennwort|kw|contraseña|contrasena|clave)(?![\p{L}\p{N}])["'*`_’”]{0,4}(?:\s*(?:is|ist|lautet|es))?([\s:=|>→*_"'`“”‘’«»[(<-]{1,60})/giu;
/** Of a relay that is somebody else's: not the password of what is sent, nor its address */
const RELAY =
  /^[ *>-]*relay(?:['’]s)?(?: (?:password|passwort|kennwort))?(?: *[:=] *| {2,})((?=\S)(?!.*\.onion).+)$/imu;
/** Of a private address */
const KEY =
  /^[ *>-]*(?:private |privater |clave )?(?:key|schlüssel|privada)(?: *[:=] *| {2,})(?:descriptor:x25519:)?([a-z2-7]{52})(?![a-z2-7])/imu;
/** Tags of HTML around a value, but not `<http://…>` */
const TAG =
  /<\/?(?:a|b|i|p|u|br|dd|dl|dt|em|h[1-6]|li|ol|td|th|tr|ul|code|div|font|kbd|pre|span|strong|table|tbody)(?:\s[^<>]{0,200})?\/?>/gi;
/** Longer than any password, and what is behind it on its line */
const VALUE_MAX_CHARACTERS = 1024;
/** More than a text has that somebody means */
const LABELS_MAX = 32;
/** Words that hyphens join, with nothing else of that kind around them */
const JOINED = /(?<![\p{L}\p{N}\p{Pd}_@/.])\p{L}+(?:\p{Pd}\p{L}+){4,7}(?![\p{L}\p{N}\p{Pd}_@])/gu;

/**
 * What may stand behind the '#' of an invitation to the address of this text: passwords, each with
 * what belongs to it. One that is no whole password is told only if its label says that it is all of
 * it, so that the reader can say what is wrong with it.
 *
 * @param inAddresses whole passwords that stand before the `@` of the address
 */
export function loginsIn(
  tidy: string,
  rules: PastedRules,
  inAddresses: ReadonlySet<string>,
): ReadonlySet<string> {
  const text = tidy.replace(TAG, ' ');
  const [, relay] = RELAY.exec(text) ?? [];
  const [, key] = KEY.exec(text) ?? [];
  const parts = [
    ...(relay === undefined ? [] : [`;relay=${encodeURIComponent(relay.trim())}`]),
    ...(key === undefined ? [] : [`;key=${key.toLowerCase()}`]),
  ].join('');
  const plain = relay === undefined ? text : text.replace(RELAY, ' ');
  const labelled = passwordsBehindLabels(plain, rules);
  const whole = [...[...inAddresses].map(hyphened), ...labelled.filter(rules.isWhole)];
  const found = whole.length > 0 ? whole : listedIn(plain, rules);
  return new Set((found.length > 0 ? found : labelled).map((words) => words + parts));
}

function passwordsBehindLabels(text: string, rules: PastedRules): string[] {
  return [...text.matchAll(LABEL)]
    .slice(0, LABELS_MAX)
    .flatMap(({ 0: all, 1: between = '', index }) => {
      const value = valueAt(text.slice(index + all.length), rules);
      const fragment = hyphened(fragmentBehind(value, rules));
      if (rules.isWhole(fragment)) return isPassword(fragment, value, rules) ? [fragment] : [];
      // A label in a sentence, or before another label.
      const isMeant =
        /^[ *_"'`]{0,4}[:=]\s*$/.test(between) && /^[\p{L}\p{N}\p{Pd}]+$/u.test(value);
      return isMeant && !/^\p{L}+$/u.test(value) ? [value] : [];
    });
}

/** Words that only stand beside each other are a sentence about it, unless all of them are listed. */
function isPassword(
  fragment: string,
  value: string,
  { isWord = () => false }: PastedRules,
): boolean {
  const [words = ''] = fragment.split(';', 1);
  return hyphened(value).includes(words) || words.split('-').every(isWord);
}

/** A line, and the next as far as a hyphen or a word of the list goes on there. */
function valueAt(text: string, { isWord = () => false }: PastedRules): string {
  const [first = '', ...others] = text.slice(0, 2 * VALUE_MAX_CHARACTERS).split('\n');
  let value = first.trim();
  for (const other of others) {
    if (value.length > VALUE_MAX_CHARACTERS) break;
    const next = other.trim();
    const last = lastWordOf(value);
    const following = /^[\p{L}\p{N}]*/u.exec(next)?.[0] ?? '';
    const isBroken = !isWord(last) && isWord(last + following);
    const isHyphened = /\p{Pd}$/u.test(value) || /^\p{Pd}\p{L}/u.test(next);
    if (!isBroken && !isHyphened) break;
    value += next;
  }
  return value;
}

function listedIn(text: string, { isWord }: PastedRules): string[] {
  if (isWord === undefined) return [];
  return [...text.matchAll(JOINED)]
    .map(([words]) => hyphened(words))
    .filter((words) => words.split('-').every(isWord));
}

/** The same password is the same text; what belongs to it may not be changed. */
function hyphened(fragment: string): string {
  return fragment.replace(/^[^;]*/, (words) =>
    words.toLowerCase().replace(/[\p{Pd}\u2212]/gu, '-'),
  );
}
