import { once } from 'node:events';
import { createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { expect, onTestFinished, test } from 'vitest';
import type { Desk } from '../../src/desktop/desk.js';
import { StateStream } from '../../src/desktop/state-stream.js';
import { desktopWords } from '../../src/pages/words/desktop/desktop-words.js';

test('a page that takes nothing for long is told once when it does again', async () => {
  let change: () => void = () => undefined;
  let told = 0;
  const desk = {
    // More than the system keeps for somebody who does not read.
    stateIn: () => {
      told += 1;
      return 'x'.repeat(told === 1 ? 64_000_000 : 1);
    },
    onChange: (listener: () => void) => {
      change = listener;
      return () => undefined;
    },
  } as unknown as Desk; // all that a stream asks of it
  let waiting: () => number = () => 0;
  const app = express().get('/', (_request, response) => {
    new StateStream(response, desk, desktopWords('en'));
    waiting = () => response.listenerCount('drain');
  });
  const server = createServer(app).listen(0, '127.0.0.1');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // of a server on TCP
  const [page] = (await once(get({ host: '127.0.0.1', port }), 'response')) as [IncomingMessage];
  const before = waiting();
  for (let count = 1; count <= 4; count += 1) {
    change();
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  expect(told).toBe(1);
  expect(waiting() - before).toBe(1);
  page.resume();
  await expect.poll(() => told).toBe(2);
});
