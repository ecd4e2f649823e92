import { once } from 'node:events';
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { oneAtATime } from '../../src/onion-http/requests.js';
import { connected, listeningAt } from '../relay/support/running-relay.js';

const REQUEST = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

async function listening(listener: RequestListener): Promise<string> {
  return await listeningAt(createServer(oneAtATime(listener)));
}

test('a request that comes early waits for the reply before it', async () => {
  const begun: ServerResponse[] = [];
  const path = await listening((_request, response) => void begun.push(response));
  const socket = await connected(path);
  socket.write(REQUEST + REQUEST);
  for (let replies = 1; replies <= 2; replies++) {
    while (begun.length < replies) await new Promise(setImmediate);
    expect(begun).toHaveLength(replies);
    begun.at(-1)?.end(`reply ${replies}.`);
    let text = '';
    while (!text.includes(`reply ${replies}.`)) {
      const [piece] = (await once(socket, 'data')) as [Buffer];
      text += piece.toString();
    }
  }
  socket.write(REQUEST);
  while (begun.length < 3) await new Promise(setImmediate);
});

test('of hundreds of requests at once one is begun, and it ends with the connection', async () => {
  const begun: ServerResponse[] = [];
  const closed: ServerResponse[] = [];
  const path = await listening((_request, response) => {
    begun.push(response);
    response.once('close', () => closed.push(response));
  });
  const socket = await connected(path);
  socket.on('error', () => undefined);
  socket.resume().write(REQUEST.repeat(500));
  await once(socket, 'close');
  while (closed.length === 0) await new Promise(setImmediate);
  expect([begun.length, closed.length]).toEqual([1, 1]);
});

test('what waits is not begun when its connection has gone', async () => {
  const begun: ServerResponse[] = [];
  const path = await listening((_request, response) => void begun.push(response));
  const socket = await connected(path);
  socket.write(REQUEST + REQUEST);
  while (begun.length === 0) await new Promise(setImmediate);
  const [first] = begun;
  socket.destroy();
  if (first?.closed === false) await once(first, 'close');
  await new Promise(setImmediate);
  expect(begun).toHaveLength(1);
});
