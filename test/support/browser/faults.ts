import type { HTTPResponse } from 'puppeteer-core';
import type { Visitor } from './visitor.js';

/** What each reply says, of whatever kind it is. */
const REQUIRED: Readonly<Record<string, RegExp>> = {
  'content-security-policy': /^default-src 'none';(?!.*unsafe-)/,
  'referrer-policy': /^no-referrer$/,
  'x-content-type-options': /^nosniff$/,
  'x-frame-options': /^DENY$/,
  'cache-control': /^(?:no-store|private)/,
};
/** What would reveal the machine, or recognise a visitor. */
const FORBIDDEN = ['set-cookie', 'server', 'x-powered-by', 'via'];

/** What a visit must not have had: anything from elsewhere, and replies that say too much or little. */
export function faultsOf({ requested, responses }: Visitor, origin: string): string[] {
  // What is in the page already comes from nowhere.
  const isInPage = (url: string): boolean => url.startsWith('data:');
  // A link may have a login in front of the host.
  const isHere = (url: string): boolean => new URL(url).origin === new URL(origin).origin;
  const strange = requested.filter((url) => !isInPage(url) && !isHere(url));
  // What follows "101 Switching Protocols" is no page, and nothing that a browser keeps.
  const replies = responses.filter((one) => !isInPage(one.url()) && one.status() !== 101);
  return [
    ...strange.map((url) => `asked of ${url}`),
    ...replies.flatMap((response) =>
      faultsOfReply(response).map((fault) => `${response.url()}: ${fault}`),
    ),
  ];
}

function faultsOfReply(response: HTTPResponse): string[] {
  const headers = response.headers();
  const faults = FORBIDDEN.filter((name) => name in headers).map((name) => `has ${name}`);
  for (const [name, pattern] of Object.entries(REQUIRED)) {
    const value = headers[name] ?? '';
    if (!pattern.test(value)) faults.push(`${name}: ${value}`);
  }
  const isPage = headers['content-type']?.startsWith('text/html') === true;
  // Otherwise anyone with the address could tell by it who comes back.
  if (isPage && headers['cache-control'] !== 'no-store') faults.push('a page may be kept');
  if (isPage && 'etag' in headers) faults.push('a page has an etag');
  return faults;
}
