import type { Response } from 'express';
import type { VNode } from 'preact';
import { renderToString } from 'preact-render-to-string';

/** A page as HTML. Only this file and the routes know Express; components do not. */
export function renderPage(page: VNode): string {
  return `<!doctype html>${renderToString(page)}`;
}

/** Answers with a page, and HEAD with its length. */
export function sendPage(response: Response, page: VNode, status = 200): void {
  response.status(status).type('html').send(renderPage(page));
}
