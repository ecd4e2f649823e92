import { once } from 'node:events';
import {
  inbox,
  withDataDir,
  withEphemeral,
  withPassword,
  withTor,
  withUser,
} from '../../../src/index.js';
import { CREDENTIALS } from '../pages/fetch.js';
import { side } from '../processes/side.js';
import { PAGE_INBOX } from './programs.js';

/** Takes uploads behind an onion, until it is told to end. */
await side(PAGE_INBOX, async ({ into, tor, dataDir }, { ready, signal }) => {
  const opened = inbox(
    into,
    withDataDir(dataDir),
    withEphemeral(),
    withTor({ running: tor }),
    withUser(CREDENTIALS.user),
    withPassword(CREDENTIALS.password),
  );
  opened.on('online', ({ url }) => ready(url));
  await Promise.race([once(signal, 'abort'), opened.done]);
  await opened.close();
});
