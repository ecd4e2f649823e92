import type { Browser } from 'puppeteer-core';
import { runInFirefox } from './in-firefox.js';

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
  await runInFirefox(
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
  await runInFirefox(
    browser,
    `${DOWNLOADS}
    const paused = (await list.getAll()).find((download) => download.hasPartialData);
    await paused.start();`,
  );
}
