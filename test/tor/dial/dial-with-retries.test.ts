import { expect, test } from 'vitest';
import { createIdentity } from '../../../src/onion/identity.js';
import { dialWithRetries } from '../../../src/tor/dial/dial-with-retries.js';
import { socksReply, startSocksServer } from '../support/socks-server.js';

test('a dial without any answer ends in time for another with new circuits', async () => {
  let isKnown = false;
  await using server = await startSocksServer((socket) => {
    if (isKnown) socket.write(socksReply(0));
  });
  const socket = await dialWithRetries({
    ...{ socks: server.socks, onion: createIdentity().address, port: 80, isolation: 'a' },
    overallMs: 60_000,
    firstAttemptMs: 100,
    newCircuits: () => {
      isKnown = true;
      return Promise.resolve();
    },
  });
  socket.destroy();
  expect(isKnown).toBe(true);
});
