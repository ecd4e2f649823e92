import { mkdir } from 'node:fs/promises';
import { unwritable } from '../../disk/unwritable.js';
import { openInbox } from '../../pages/inbox/open-inbox.js';
import { parallelWith } from '../ephemeral-siblings.js';
import type { TransferSummary } from '../events.js';
import { type Handle, start } from '../handle.js';
import { applyOptions, assertGiven, type Option } from '../options.js';
import { Tally } from '../progress.js';
import { servePages } from '../serve-pages.js';
import { assertStrongPassword } from '../strong-password.js';

/**
 * Takes uploads from Tor Browser into `directory`, behind a user name and a password, until it is
 * closed or expires. The directory is created if it is missing.
 */
export function inbox(directory: string, ...options: readonly Option[]): Handle<TransferSummary> {
  const settings = applyOptions(options);
  assertStrongPassword(settings);
  assertGiven(directory, 'the folder for uploads');
  const { inboxBounds: limits, kinds } = settings;
  return start(async (work) => {
    await mkdir(directory, { recursive: true }).catch((cause: unknown) => {
      throw unwritable(directory, cause);
    });
    const tally = new Tally(work.emit);
    await using opened = await openInbox({
      ...{ directory, limits, kinds },
      onReceived: ({ path, bytes, sha256 }) => {
        tally.add(bytes);
        tally.addFile(path, bytes, sha256);
      },
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
