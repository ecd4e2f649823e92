import { mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { OnionferryError } from '../../base/errors.js';
import { systemCode } from '../../base/system-error.js';
import { unwritable } from '../../disk/unwritable.js';
import { openInbox } from '../../pages/inbox/open-inbox.js';
import { parallelWith } from '../ephemeral-siblings.js';
import type { TransferSummary } from '../events.js';
import { type OnlineHandle, startOnline } from '../handle.js';
import { assertGiven } from '../options.js';
import { Tally } from '../progress.js';
import { servePages } from '../serve-pages.js';
import type { Option } from '../settings.js';
import { assertStrongPassword } from '../strong-password.js';
import { settingsFor } from '../verb-options.js';

/**
 * Takes uploads from Tor Browser into `directory`, behind a user name and a password, until it is
 * closed or expires. The directory is created if it is missing, but none above it.
 *
 * @example
 * ```ts
 * const taking = inbox('uploads', withInboxBounds({ bytesPerFile: 100_000_000 }));
 * taking.on('file', ({ path, sha256 }) => console.log(path, sha256));
 * const { url, user, password } = await taking.online;
 * ```
 */
export function inbox(
  directory: string,
  ...options: readonly Option<'inbox'>[]
): OnlineHandle<TransferSummary> {
  const settings = settingsFor('inbox', options);
  assertStrongPassword(settings);
  assertGiven(directory, 'the folder for uploads');
  const { inboxBounds: limits, kinds, encryptTo, purgeAfterMs, tellsNames } = settings;
  return startOnline(async (work) => {
    await makeInbox(directory);
    const tally = new Tally(work.emit);
    await using opened = await openInbox({
      ...{ directory, limits, kinds, encryptTo, purgeAfterMs, tellsNames },
      check: settings.uploadCheck,
      onUploading: (upload) => {
        work.emit({ event: 'upload', ...upload, ...(!tellsNames && { name: '' }) });
      },
      onReceived: ({ path, bytes, sha256 }, upload) => {
        tally.addCarried(bytes);
        tally.addFile(tellsNames ? { path, bytes, sha256, upload } : { path: '', bytes, upload });
      },
      onPurged: ({ path, bytes }) => {
        work.emit({ event: 'purged', path: tellsNames ? path : '', bytes });
      },
      onWarning: (message) => work.emit({ event: 'warning', message }),
    });
    return await servePages({
      holder: 'inbox',
      routes: ({ address }, siblings) => {
        const parallel = parallelWith(siblings, address, settings);
        if (parallel !== undefined) opened.useSiblings(parallel.siblings, parallel.origin);
        return opened.routes;
      },
      ...{ settings, work },
      finish: () => tally.finish(),
    });
  }, settings.signal);
}

/** A folder above that is missing is rather a typing error, or a disk that is not there. */
async function makeInbox(directory: string): Promise<void> {
  const found = await stat(directory).catch(() => undefined);
  if (found?.isDirectory() === true) return;
  await mkdir(directory).catch((cause: unknown) => {
    if (systemCode(cause) !== 'ENOENT') throw unwritable(directory, cause);
    const above = dirname(resolve(directory));
    throw new OnionferryError(
      'ERR_DESTINATION',
      `cannot make the folder ${directory}: there is no folder ${above}`,
      { cause },
    );
  });
}
