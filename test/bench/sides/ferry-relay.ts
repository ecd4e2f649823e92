import { once } from 'node:events';
import { relay, withDataDir, withEphemeral, withTor } from '../../../src/index.js';
import { side } from '../processes/side.js';
import { FERRY_RELAY } from './programs.js';

/** A relay for others, until it is told to end; it is ready with an address, a space, a password. */
await side(FERRY_RELAY, async ({ tor, dataDir }, { ready, signal }) => {
  const relaying = relay(withDataDir(dataDir), withEphemeral(), withTor({ running: tor }));
  relaying.on('online', ({ onion, password }) => ready(`${onion} ${password}`));
  await Promise.race([once(signal, 'abort'), relaying.done]);
  await relaying.close();
});
