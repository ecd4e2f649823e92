import { once } from 'node:events';
import { createConnection } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { runningRelay } from '../relay/support/running-relay.js';

/** On every reply that has no page. */
const HEADERS = [
  "Content-Security-Policy: default-src 'none';frame-ancestors 'none'\r\n",
  'X-Frame-Options: DENY\r\n',
  'Referrer-Policy: no-referrer\r\n',
  'X-Content-Type-Options: nosniff\r\n',
  'Cache-Control: no-store\r\n',
];

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

const WEB_SOCKET = 'Connection: upgrade\r\nUpgrade: websocket\r\n';

test.each([
  ['is no HTTP', 400, 'nonsense\r\n\r\n'],
  ['never ends', 408, 'GET / HTTP/1.1\r\n'],
  ['is too large', 431, `GET / HTTP/1.1\r\nA: ${'a'.repeat(9000)}\r\n\r\n`],
  ['names no host', 400, 'GET / HTTP/1.1\r\n\r\n'],
  [
    'has two lengths',
    400,
    'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
  ],
  ['upgrades to what is not there', 404, `GET /no HTTP/1.1\r\nHost: a\r\n${WEB_SOCKET}\r\n`],
  [
    'upgrades from elsewhere',
    403,
    `GET /stream HTTP/1.1\r\nHost: a\r\nOrigin: http://b\r\n${WEB_SOCKET}\r\n`,
  ],
  [
    'upgrades in no known way',
    400,
    `GET /stream HTTP/1.1\r\nHost: a\r\nOrigin: http://a\r\n${WEB_SOCKET}\r\n`,
  ],
])('the reply to what %s lets nothing run, and gives no address away', async (_, status, request) => {
  // What is answered at once must not be late, however busy the machine is.
  const { httpSocket } = await runningRelay(status === 408 ? { headMs: 50 } : {});
  const socket = createConnection({ path: httpSocket });
  socket.on('error', () => undefined);
  socket.write(request);
  const reply = await text(socket);
  expect(reply).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  for (const header of HEADERS) expect(reply).toContain(`\r\n${header}`);
});
