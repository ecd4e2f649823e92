import { once } from 'node:events';
import {
  share,
  withDataDir,
  withEphemeral,
  withPassword,
  withTor,
  withUser,
} from '../../../src/index.js';
import { CREDENTIALS } from '../pages/fetch.js';
import { side } from '../processes/side.js';
import { PAGE_SHARE } from './programs.js';

/** Shares a file behind an onion, until it is told to end. */
await side(PAGE_SHARE, async ({ path, tor, dataDir }, { ready, signal }) => {
  const sharing = share(
    [path],
    withDataDir(dataDir),
    withEphemeral(),
    withTor({ running: tor }),
    withUser(CREDENTIALS.user),
    withPassword(CREDENTIALS.password),
  );
  sharing.on('online', ({ url }) => ready(url));
  await Promise.race([once(signal, 'abort'), sharing.done]);
  await sharing.close();
});
