import type { en } from './en.js';
import { type Formats, formatsFor } from './formats.js';
import * as languages from './languages.js';
import type { Translated } from './translated.js';

export interface Words extends Translated<typeof en> {
  readonly formats: Formats;
}
export type Language = keyof typeof languages;

export const LANGUAGES: Readonly<Record<Language, Words>> = inTheirFormats(languages);

function inTheirFormats(
  texts: Readonly<Record<Language, Translated<typeof en>>>,
): Record<Language, Words> {
  const all = Object.entries(texts).map(([tag, words]) => [
    tag,
    { ...words, formats: formatsFor(tag) },
  ]);
  // The same names as before.
  return Object.fromEntries(all) as Record<Language, Words>;
}

/** By a language tag such as `de-AT`. @returns undefined if there are none in that language */
export function languageOf(tag: string): Language | undefined {
  const [primary = ''] = tag.toLowerCase().split('-');
  const isOurs = (name: string): name is Language => Object.hasOwn(LANGUAGES, name);
  return isOurs(primary) ? primary : undefined;
}
