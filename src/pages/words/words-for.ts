import type { IncomingMessage } from 'node:http';
import express, { type Request } from 'express';
import { LANGUAGES, languageOf, type Words } from './words.js';

/**
 * What a visitor reads, by the first language in Accept-Language that we have; English otherwise.
 * Regions are left out of account, as in the "Lookup" of RFC 4647, section 3.4.
 */
export function wordsFor({ headers }: Pick<IncomingMessage, 'headers'>): Words {
  // Not every request is one of Express' own, which read nothing but the headers here.
  const request = Object.setPrototypeOf({ headers }, express.request) as Pick<
    Request,
    'acceptsLanguages'
  >;
  for (const tag of request.acceptsLanguages()) {
    const language = tag === '*' ? 'en' : languageOf(tag);
    if (language !== undefined) return LANGUAGES[language];
  }
  return LANGUAGES.en;
}
