import { basename } from 'node:path';
import { type ErrorCode, OnionferryError } from '../base/errors.js';
import type { Failure, Sentence } from '../pages/desktop/state.js';
import { type DesktopWords, desktopWords } from '../pages/words/desktop/desktop-words.js';
import { de } from '../pages/words/program/de.js';
import { es } from '../pages/words/program/es.js';
import { type ProgramSentences, translated } from '../pages/words/program/program-sentences.js';

/* What the program says, in the language of whoever looks at the page. */

/** A text of the page, whose language is not known yet. */
export type Said = (words: DesktopWords) => string;

/** The library speaks English. */
const TRANSLATIONS: Readonly<Record<string, ProgramSentences>> = { de, es };

/** Why something is not done that was asked for on the page: an error with words of its own. */
export class Refusal extends OnionferryError {
  readonly said: Said;

  constructor(code: ErrorCode, said: Said, options?: { cause?: unknown }) {
    super(code, said(desktopWords('en')), options);
    this.said = said;
  }
}

/** @param explain an error as the terminal says it, in English */
export function failureIn(
  words: DesktopWords,
  error: OnionferryError,
  explain: (error: OnionferryError) => Failure,
): Failure {
  if (error instanceof Refusal) return { sentence: error.said(words), hints: [] };
  const translation = TRANSLATIONS[words.language];
  if (translation === undefined) return explain(error);
  const hints = error.kind === 'tor' ? [translation.torHint] : [];
  const known = translated(error.message, translation);
  if (known !== undefined) return { sentence: known, hints };
  // The code tells less: names and paths are in the sentence only.
  const detail = asSentence(error.message);
  return { sentence: translation.byCode[error.code], hints, detail };
}

/** What a call waits for. */
export function waitingFor(reason: string): Said {
  return (words) => {
    const translation = TRANSLATIONS[words.language];
    if (translation === undefined) return asSentence(reason);
    return translated(reason, translation) ?? words.status.waiting;
  };
}

export function warningIn(words: DesktopWords, message: string): Sentence {
  const translation = TRANSLATIONS[words.language];
  const known = translation === undefined ? undefined : translated(message, translation);
  if (known !== undefined) return { text: known };
  return { text: asSentence(message), ...(translation !== undefined && { isEnglish: true }) };
}

/** What a program's sentence looks like on a page. */
function asSentence(message: string): string {
  const text = `${message.charAt(0).toUpperCase()}${message.slice(1)}`;
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}

/** Of files and folders, by their paths. */
export function namesOf(paths: readonly string[]): Said {
  const [first = '', ...others] = paths.map((path) => basename(path));
  return ({ andMore }) => (others.length === 0 ? first : andMore(first, others.length));
}

/** A folder, from the home on. */
export function shown(folder: string): Said {
  return ({ home }) => (folder === '' ? home : folder);
}
