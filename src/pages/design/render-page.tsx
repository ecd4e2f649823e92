import type { Response } from 'express';
import type { VNode } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { LANGUAGES, type Words } from '../words/words.js';
import { wordsFor } from '../words/words-for.js';
import { InWords } from './use-words.js';

/** A page as HTML. Only this file and the routes know Express; components do not. */
export function renderPage<Props>(page: VNode<Props>, words: Words = LANGUAGES.en): string {
  return `<!doctype html>${renderToString(<InWords.Provider value={words}>{page}</InWords.Provider>)}`;
}

/** Answers with a page in the visitor's language, and HEAD with its length. */
export function sendPage<Props>(response: Response, page: VNode<Props>, status = 200): void {
  const words = wordsFor(response.req);
  response.vary('Accept-Language');
  response.status(status).type('html').send(renderPage(page, words));
}
