import type { Browser } from 'puppeteer-core';
import { bidiConnection } from './bidi-connection.js';

/** In Firefox itself: all downloads of one profile. */
const DOWNLOADS = `
  const { Downloads } = ChromeUtils.importESModule('resource://gre/modules/Downloads.sys.mjs');
  const list = await Downloads.getList(Downloads.ALL);`;

/**
 * Does what the button does that pauses a download, once this much of it has arrived.
 *
 * @throws Error if Firefox would have to start again
 */
export async function pauseDownload(browser: Browser, bytes: number): Promise<void> {
  await run(
    browser,
    `${DOWNLOADS}
    const download = await new Promise((resolve) => {
      const look = (download) => {
        const isMeant = !download.stopped && download.currentBytes >= ${String(bytes)};
        if (isMeant) resolve(download);
      };
      list.addView({ onDownloadAdded: look, onDownloadChanged: look });
    });
    await download.cancel();
    if (!download.hasPartialData) throw new Error('nothing of it can be resumed');`,
  );
}

/** Does what the button does that resumes it. Resolves when it has ended. */
export async function resumeDownload(browser: Browser): Promise<void> {
  await run(
    browser,
    `${DOWNLOADS}
    const paused = (await list.getAll()).find((download) => download.hasPartialData);
    await paused.start();`,
  );
}

/** Needs `--remote-allow-system-access`. */
async function run(browser: Browser, body: string): Promise<void> {
  const connection = bidiConnection(browser);
  const tree = await connection.send('browsingContext.getTree', { 'moz:scope': 'chrome' });
  // As WebDriver BiDi has it.
  const { contexts } = tree.result as {
    readonly contexts: readonly { readonly context: string }[];
  };
  const { result } = await connection.send('script.evaluate', {
    target: { context: contexts[0]?.context },
    expression: `(async () => { ${body} })()`,
    awaitPromise: true,
  });
  // As WebDriver BiDi has it.
  const { exceptionDetails } = result as { readonly exceptionDetails?: { readonly text: string } };
  if (exceptionDetails !== undefined) throw new Error(`Firefox says: ${exceptionDetails.text}`);
}
