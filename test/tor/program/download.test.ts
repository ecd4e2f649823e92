import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { download } from '../../../src/tor/program/download.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';

test('a server that sends more than any bundle has is told off, and does not fill the disk', async () => {
  let isOver = false;
  const server = createServer((_request, response) => {
    const more = (): void => {
      while (!isOver && response.write('x'.repeat(64 * 1024)));
    };
    response.on('drain', more).on('close', () => {
      isOver = true;
    });
    more();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  // It listens on TCP.
  const { port } = server.address() as AddressInfo;
  const path = join(await temporaryDirectory(), 'bundle');
  const seen: number[] = [];
  const downloading = download({
    ...{ url: `http://127.0.0.1:${port}/bundle`, path, stallMs: 60_000, maxBytes: 1_000_000 },
    onProgress: ({ bytes }) => void seen.push(bytes),
  });
  await expect(downloading).rejects.toThrow(/sends more than any bundle has/);
  expect(Math.max(...seen)).toBeLessThan(2_000_000);
});
