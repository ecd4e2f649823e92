import type { Browser } from 'puppeteer-core';
import type { Visitor } from './visitor.js';

/** WebDriver BiDi, browsingContext.downloadEnd; puppeteer has no event of its own for it. */
interface DownloadEnd {
  readonly status: 'complete' | 'canceled';
  readonly filepath?: string | null;
  readonly url: string;
}

interface Connection {
  on(name: string, listener: (end: DownloadEnd) => void): void;
  off(name: string, listener: (end: DownloadEnd) => void): void;
}

const ENDED = 'browsingContext.downloadEnd';
const PATIENCE_MS = 90_000;

/**
 * Does what starts one download, and waits for its end. The page is not to be used afterwards.
 *
 * @returns where the file is
 */
export async function download(visitor: Visitor, begin: () => Promise<void>): Promise<string> {
  const end = await downloadEnd(visitor, begin);
  if (end.status !== 'complete' || typeof end.filepath !== 'string') {
    throw new Error(`the download of ${end.url} has not come to its end: ${end.status}`);
  }
  return end.filepath;
}

/** As `download`, however it ends. */
export async function downloadEnd(
  { browser, page }: Visitor,
  begin: () => Promise<void>,
): Promise<DownloadEnd> {
  const connection = connectionOf(browser);
  let timer: NodeJS.Timeout | undefined;
  let hear: ((end: DownloadEnd) => void) | undefined;
  try {
    const ended = new Promise<DownloadEnd>((resolve, reject) => {
      const tooLong = new Error(`${PATIENCE_MS / 1000} s have passed, and no download has ended`);
      timer = setTimeout(() => reject(tooLong), PATIENCE_MS);
      hear = (end) => {
        if (new URL(end.url).origin === new URL(page.url()).origin) resolve(end);
      };
      connection.on(ENDED, hear);
    });
    ended.catch(() => undefined);
    await begin();
    return await ended;
  } finally {
    clearTimeout(timer);
    if (hear !== undefined) connection.off(ENDED, hear);
  }
}

/** Of puppeteer's insides; there is no other way to these events. */
function connectionOf(browser: Browser): Connection {
  const { connection } = browser as unknown as { readonly connection?: Connection };
  if (connection === undefined) throw new Error('this puppeteer has no connection of its browsers');
  return connection;
}
