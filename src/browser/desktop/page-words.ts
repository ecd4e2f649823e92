import { type DesktopWords, desktopWords } from '../../pages/words/desktop/desktop-words.js';

/** The texts in the language of the page. */
export const words: DesktopWords = desktopWords(document.documentElement.lang);
