import { expect, test } from 'vitest';
import { createIdentity } from '../../../src/onion/identity.js';
import { dialPatiently } from '../../../src/tor/dial/dial-patiently.js';
import { socksReply, startSocksServer } from '../support/socks-server.js';

test('a dial that is not answered at all ends in time for a fresh look', async () => {
  let isKnown = false;
  await using server = await startSocksServer((socket) => {
    if (isKnown) socket.write(socksReply(0));
  });
  const socket = await dialPatiently({
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
