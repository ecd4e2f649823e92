import type { Translated } from '../translated.js';
import { de } from './de.js';
import { en } from './en.js';
import { es } from './es.js';

/** The texts of the page of `onionferry open`. */
export type DesktopWords = Translated<typeof en>;

const LANGUAGES: Readonly<Record<string, DesktopWords>> = { de, en, es };

/** @param language as pages are marked with, which is one of those that there are */
export function desktopWords(language: string): DesktopWords {
  return LANGUAGES[language] ?? en;
}
