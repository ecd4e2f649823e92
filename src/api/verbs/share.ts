import { OnionferryError } from '../../base/errors.js';
import { printable } from '../../base/printable.js';
import { sharedTree } from '../../disk/tree/shared-tree.js';
import { deriveTagKey } from '../../onion-http/content/etag.js';
import { SignedLinks } from '../../onion-http/signed-links.js';
import { Downloads } from '../../pages/share/downloads.js';
import { createShareRoutes } from '../../pages/share/share-routes.js';
import type { TransferSummary } from '../events.js';
import { type Handle, start, type Work } from '../handle.js';
import { servePages } from '../serve-pages.js';
import { type Option, type Settings, settle } from '../settings.js';
import { Tally } from '../tally.js';

/**
 * Lets whoever has the address, the user and the password download files and folders in Tor
 * Browser, until it is closed, expires, or was taken as often as `withDownloadLimit` allows. When
 * it expires and nothing was taken, that is ERR_TIMEOUT.
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
  paths: readonly string[],
  settings: Settings,
  work: Work,
): Promise<TransferSummary> {
  const tree = sharedTree(paths);
  const signedLinks = new SignedLinks();
  const tally = new Tally(work.emit);
  const downloads = new Downloads({
    limit: settings.downloadLimit,
    onDelivered: (bytes) => tally.addProgress(bytes),
    onDownload: ({ names, name, bytes }) => {
      tally.addFile([...names.slice(0, -1), name].map(printable).join('/'), bytes);
    },
  });
  return await servePages({
    holder: 'share',
    routes: (identity) =>
      createShareRoutes({
        ...{ tree, downloads, signedLinks },
        tagKey: deriveTagKey(identity),
        logger: settings.logger,
        signal: work.signal,
      }),
    signedLinks,
    usedUp: downloads.usedUp,
    finish: () => {
      if (tally.files === 0) {
        throw new OnionferryError('ERR_TIMEOUT', 'the time is over, and nobody has downloaded');
      }
      return tally.finish();
    },
    ...{ settings, work },
  });
}
