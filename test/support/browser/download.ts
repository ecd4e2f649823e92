import { bidiConnection, type DownloadEnd } from './bidi-connection.js';
import type { Visitor } from './visitor.js';

const ENDED = 'browsingContext.downloadEnd';
const PATIENCE_MS = 180_000;

/**
 * Does what starts one download, and waits for its end. The page is not to be used afterwards.
 *
 * @returns where the file is
 */
export async function download(
  { browser, page }: Visitor,
  begin: () => Promise<void>,
  patienceMs: number = PATIENCE_MS,
): Promise<string> {
  const connection = bidiConnection(browser);
  // That of a page's own blob is the page's, too.
  const { origin } = new URL(page.url());
  let timer: NodeJS.Timeout | undefined;
  let hear: ((end: DownloadEnd) => void) | undefined;
  const ended = new Promise<DownloadEnd>((resolve, reject) => {
    const tooLong = new Error(`${patienceMs / 1000} s have passed, and no download has ended`);
    timer = setTimeout(() => reject(tooLong), patienceMs);
    hear = (end) => {
      if (new URL(end.url).origin === origin) resolve(end);
    };
    connection.on(ENDED, hear);
  });
  try {
    const [end] = await Promise.all([ended, begin()]);
    if (end.status === 'complete' && typeof end.filepath === 'string') return end.filepath;
    throw new Error(`the download of ${end.url} has not come to its end: ${end.status}`);
  } finally {
    clearTimeout(timer);
    if (hear !== undefined) connection.off(ENDED, hear);
  }
}
