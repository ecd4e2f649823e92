import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { silentLogger } from '../../src/base/logger.js';
import { parseOnionAddress } from '../../src/onion/address.js';
import { openStoreDirectory } from '../../src/relay/directory/store-directory.js';
import { startRelay } from '../../src/relay/server/start-relay.js';

/*
 * A process of its own: a relay in the directory named, until stdin ends. With a store and a front
 * it is one of several; with two empty arguments it is alone.
 */
const [, , directory = '', password = '', address = '', store = '', front = ''] = process.argv;
const onion = parseOnionAddress(address);
const shared =
  store === ''
    ? undefined
    : await openStoreDirectory({
        location: { kind: 'unix', path: store },
        relayPassword: password,
        onion,
        logger: silentLogger,
      });
const relay = await startRelay({
  credentials: { user: 'ferry', password },
  directory,
  circuitLine: false,
  remoteSenders: true,
  // What is measured is the work, not when it is refused; and there are no circuits here.
  limits: {
    channels: 1_000_000,
    ...{ connections: 20_000, newcomers: 0, unauthenticated: 20_000 },
    ...{ connectionsPerCircuit: 20_000, keptPerCircuit: 20_000 },
  },
  ...(shared !== undefined && {
    backend: { onion, front: parseOnionAddress(front), directory: shared },
  }),
});
process.stdout.write('ready\n');
// Each line asks for what it has refused.
const asked = createInterface({ input: process.stdin });
asked.on('line', () => process.stdout.write(`${JSON.stringify(relay.counts().refusals)}\n`));
await once(asked, 'close');
await relay.close();
await shared?.[Symbol.asyncDispose]();
