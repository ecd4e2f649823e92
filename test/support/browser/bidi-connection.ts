import type { Browser } from 'puppeteer-core';

/** WebDriver BiDi, browsingContext.downloadEnd. */
export interface DownloadEnd {
  readonly status: 'complete' | 'canceled';
  readonly filepath?: string | null;
  readonly url: string;
}

/** What puppeteer itself has no words for. */
export interface BidiConnection {
  on(event: 'browsingContext.downloadEnd', listener: (end: DownloadEnd) => void): void;
  off(event: 'browsingContext.downloadEnd', listener: (end: DownloadEnd) => void): void;
  /** Answers with what the method of that name is said to answer with. */
  send(method: string, parameters: object): Promise<{ readonly result: unknown }>;
}

export function bidiConnection(browser: Browser): BidiConnection {
  // Of puppeteer's insides; there is no other way.
  const { connection } = browser as unknown as { readonly connection?: BidiConnection };
  if (connection === undefined) throw new Error('this puppeteer has no connection of its browsers');
  return connection;
}
