import { once } from 'node:events';
import { createConnection } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { runningRelay } from '../relay/support/running-relay.js';

test.each([
  ['a request that never ends', 'GET / HTTP/1.1\r\n'],
  [
    'an upgrade to nothing',
    `GET /no HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n`,
  ],
])('after %s the connection is closed, even if its client never ends it', async (_, request) => {
  const { httpSocket } = await runningRelay({ headMs: 50 });
  const socket = createConnection({ path: httpSocket, allowHalfOpen: true });
  onTestFinished(() => void socket.destroy());
  socket.resume().write(request);
  await once(socket, 'end');
  // Only to a socket that is no more nothing can be written.
  const refused = once(socket, 'error');
  const writing = setInterval(() => socket.write('x'), 5);
  onTestFinished(() => clearInterval(writing));
  await refused.catch((error: unknown) => expect(error).toHaveProperty('code', 'EPIPE'));
});

test('a reply to what is no HTTP lets nothing run, and gives no address away', async () => {
  const { httpSocket } = await runningRelay();
  const socket = createConnection({ path: httpSocket });
  socket.write('nonsense\r\n\r\n');
  const reply = await text(socket);
  expect(reply).toMatch(/^HTTP\/1\.1 400 /);
  expect(reply).toMatch(/\r\nContent-Security-Policy: default-src 'none';/);
  expect(reply).toMatch(/\r\nReferrer-Policy: no-referrer\r\n/);
});
