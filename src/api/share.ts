import { Router } from 'express';
import { OnionferryError } from '../base/errors.js';
import type { TransferSummary } from './events.js';
import { type Handle, start, type Work } from './handle.js';
import { servePages } from './serve-pages.js';
import { type Option, type Settings, settle } from './settings.js';
import { Tally } from './tally.js';

/**
 * Lets whoever has the address, the user and the password download files and folders in Tor
 * Browser, until it is closed, expires, or was taken as often as `withDownloadLimit` allows.
 */
export function share(
  paths: readonly string[],
  ...options: readonly Option[]
): Handle<TransferSummary> {
  const settings = settle(options);
  if (paths.length === 0) throw new OnionferryError('ERR_USAGE', 'name what is to be shared');
  return start((work) => run(paths, settings, work), settings.signal);
}

async function run(
  _paths: readonly string[],
  settings: Settings,
  work: Work,
): Promise<TransferSummary> {
  const tally = new Tally(work.emit);
  return await servePages({
    holder: 'share',
    routes: Router(),
    finish: () => {
      if (tally.files === 0) {
        throw new OnionferryError('ERR_TIMEOUT', 'the time is over, and nobody has downloaded');
      }
      return tally.finish();
    },
    ...{ settings, work },
  });
}
