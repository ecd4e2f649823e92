import { de } from './de.js';
import { en } from './en.js';
import { es } from './es.js';
import { type Formats, formatsFor } from './formats.js';
import type { Translated } from './translated.js';

export interface Words extends Translated<typeof en> {
  readonly formats: Formats;
}
export type Language = 'de' | 'en' | 'es';

export const LANGUAGES: Readonly<Record<Language, Words>> = {
  de: { ...de, formats: formatsFor('de') },
  en: { ...en, formats: formatsFor('en') },
  es: { ...es, formats: formatsFor('es') },
};

/** By a language tag such as `de-AT`. @returns undefined if there are none in that language */
export function languageOf(tag: string): Language | undefined {
  const [primary = ''] = tag.toLowerCase().split('-');
  return primary === 'de' || primary === 'en' || primary === 'es' ? primary : undefined;
}
