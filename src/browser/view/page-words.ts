import { LANGUAGES, languageOf, type Words } from '../../pages/words/words.js';

/** The texts in the language of the page. */
export function pageWords(): Words {
  return LANGUAGES[languageOf(document.documentElement.lang) ?? 'en'];
}
