import { once } from 'node:events';
import { startRelay } from '../../../src/relay/server/start-relay.js';

// A process of its own: a relay in the directory named, until stdin ends.
const [, , directory = '', user = '', password = ''] = process.argv;
const relay = await startRelay({
  credentials: { user, password },
  directory,
  circuitLine: false,
  remoteSenders: true,
});
process.stdout.write('ready\n');
await once(process.stdin.resume(), 'end');
await relay.close();
