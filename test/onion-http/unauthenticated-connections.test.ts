import { once } from 'node:events';
import { expect, test } from 'vitest';
import { connected, nonce, plainRequest, runningRelay } from '../relay/support/running-relay.js';
import { WebWire } from '../relay/support/web-wire.js';
import { scene } from '../relay/support/wire.js';

test('connections without a password are closed to make room for those with one', async () => {
  const { httpSocket } = await runningRelay({ unauthenticated: 3, connections: 6 });
  const idle = await Promise.all(Array.from({ length: 5 }, () => connected(httpSocket)));
  const gone = idle.slice(0, 3).map((socket) => once(socket.resume(), 'close'));
  const body = { role: 'sender', nonce: nonce(), channel: 'a-b' };
  expect((await plainRequest(httpSocket, '/join', { body })).status).toBe(200);
  await Promise.all(gone);
});

test('streams that have authenticated stay, however many connections come without a password', async () => {
  const here = await scene({ unauthenticated: 3 });
  const [sender, recipient] = await here.joined();
  const page = await new WebWire(here.relay.httpSocket).open();
  page.socket.send(
    JSON.stringify({ channel: here.pair.channel, uuid: here.pair.sender, stream: 1 }),
  );
  const other = here.wire();
  other.socket.write(here.hello('recipient', 1));
  await page.until('ok');
  for (const path of [here.relay.httpSocket, here.relay.streamSocket]) {
    const idle = await Promise.all(Array.from({ length: 5 }, () => connected(path)));
    const [first] = idle;
    if (first?.closed === false) await once(first.resume(), 'close');
  }
  sender.socket.write('still here');
  await recipient.until('still here');
  other.socket.write('and here');
  await page.until('and here');
});
