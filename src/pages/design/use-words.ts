import { type Context, createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { LANGUAGES, type Words } from '../words/words.js';

/** The language that a page is rendered in. */
export const InWords: Context<Words> = createContext(LANGUAGES.en);

export function useWords(): Words {
  return useContext(InWords);
}
