import { bytesText, countText } from '../base/quantities.js';

/** What the page says that fetches over several addresses; a section of the pages' wording. */
export const parallelWording = {
  /** In lists, beside the link that downloads something, and beside the one for all of it */
  faster: 'Faster',
  everythingFaster: 'Faster download',
  lead: 'This page fetches over several Tor circuits at once, which is faster than one. It keeps everything in memory, verifies it, and saves it when it is complete.',
  start: 'Start download',
  plain: 'Plain download',
  progress: 'Downloading',
  cancel: 'Cancel',
  connecting: 'Connecting…',
  circuits: (count: number): string => `Using ${countText(count, 'circuit')}.`,
  waiting: 'Connection lost. Reconnecting…',
  verifying: 'Verifying…',
  done: 'Download complete',
  doneLead:
    'Everything arrived and was verified. Look in your browser’s download folder. Keep this page open until the file is there.',
  keepAgain: (name: string): string => `Save “${name}” again`,
  failed: 'Download failed',
  cancelled: 'Download cancelled',
  again: 'Try again',
  failures: {
    cancelled: 'Nothing was saved.',
    changed:
      'The file has changed on the other side since the download began. Start again to get the new version.',
    gone: 'The file can no longer be downloaded: it was removed, or the download limit is reached.',
    lost: 'The other side could not be reached for some minutes. What has arrived is kept while this page is open: try again, and the download continues.',
    damaged:
      'What arrived does not match its checksums, even when it was fetched again. Use the plain download.',
    memory: 'Your browser does not have enough memory for this file. Use the plain download.',
  },
  tooLargeTitle: 'Too large for a faster download',
  tooLarge: (limit: number): string =>
    `It would have to fit into your browser’s memory, and this page takes up to ${bytesText(limit)}. Use the plain download: it works at any size, and can be resumed.`,
  noScriptTitle: 'A faster download needs JavaScript',
  noScript:
    'Use the plain download, or set the security level of Tor Browser to “Safer” or “Standard” and reload.',
} as const;
