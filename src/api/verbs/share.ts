import { OnionferryError } from '../../base/errors.js';
import { printable } from '../../base/printable.js';
import { findHidden } from '../../disk/tree/find-hidden.js';
import { type SharedTree, sharedTree } from '../../disk/tree/shared-tree.js';
import { SignedLinks } from '../../onion-http/basic-auth.js';
import { deriveTagKey } from '../../onion-http/content/representation.js';
import { Downloads } from '../../pages/share/downloads.js';
import { createShareRoutes } from '../../pages/share/share-routes.js';
import type { TransferSummary } from '../events.js';
import { type Handle, start, type Work } from '../handle.js';
import { applyOptions, assertGiven, type Option, type Settings, usageError } from '../options.js';
import { Tally } from '../progress.js';
import { servePages } from '../serve-pages.js';

/**
 * Serves files and folders for download in Tor Browser, behind a user name and a password, until it
 * is closed, expires or reaches `withDownloadLimit`. Fails with ERR_TIMEOUT if it expires before any
 * download.
 */
export function share(
  paths: readonly string[],
  ...options: readonly Option[]
): Handle<TransferSummary> {
  const settings = applyOptions(options);
  if (paths.length === 0) throw usageError('name at least one file or folder to share');
  for (const path of paths) assertGiven(path, 'a path to share');
  return start((work) => run(paths, settings, work), settings.signal);
}

async function run(
  paths: readonly string[],
  settings: Settings,
  work: Work,
): Promise<TransferSummary> {
  const tree = sharedTree(paths, { exclude: settings.exclude });
  void tellHidden(tree, settings, work);
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
        mayGrow: settings.mayGrow,
        tagKey: deriveTagKey(identity),
        logger: settings.logger,
        signal: work.signal,
      }),
    signedLinks,
    usedUp: downloads.usedUp,
    settling: downloads,
    finish: () => {
      if (tally.files === 0) {
        throw new OnionferryError(
          'ERR_TIMEOUT',
          'the share expired before anything was downloaded',
        );
      }
      return tally.finish();
    },
    ...{ settings, work },
  });
}

/** Names in one warning; beyond it they are counted. */
const NAMED_MAX = 20;

/** Says what visitors do not get. Never throws. */
async function tellHidden(
  tree: SharedTree,
  { logger }: Settings,
  { emit, signal }: Work,
): Promise<void> {
  try {
    const hidden = await findHidden(tree, signal);
    if (hidden.length === 0) return;
    const what = hidden.length === 1 ? '1 entry is' : `${hidden.length} entries are`;
    const named = hidden.slice(0, NAMED_MAX).map(printable);
    const more = hidden.length > NAMED_MAX ? [`${hidden.length - NAMED_MAX} more`] : [];
    emit({
      event: 'warning',
      message: `${what} left out, as links, special files and what cannot be read are: ${[...named, ...more].join(', ')}`,
    });
  } catch (error) {
    logger.debug(`what is left out could not be found: ${String(error)}`);
  }
}
