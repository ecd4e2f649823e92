import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { type AddressInfo, createConnection, createServer } from 'node:net';
import { join } from 'node:path';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { formatAuthorization } from '../../src/base/authorization.js';
import { runningInbox } from '../pages/inbox/running-inbox.js';
import { CREDENTIALS } from '../pages/support/running-web.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { needPython, Python } from './python.js';

beforeAll(() => needPython('tusclient'));

test('tuspy uploads with checksums, and goes on with an upload', async () => {
  const { web, directory } = await runningInbox();
  const content = randomBytes(400_000);
  const path = join(await temporaryDirectory(), 'from');
  await writeFile(path, content);
  const url = `http://127.0.0.1:${await portOf(web.httpSocket)}/uploads`;
  await using client = new Python([
    'tuspy_upload',
    ...[url, formatAuthorization(CREDENTIALS), path],
  ]);
  await client.exits(0);
  expect(content.equals(await readFile(join(directory, 'by tuspy')))).toBe(true);
});

/** tuspy knows no unix sockets. @returns a port of this machine that leads there */
async function portOf(socketPath: string): Promise<number> {
  const server = createServer((client) => {
    const there = createConnection(socketPath);
    for (const end of [client, there]) {
      end
        .on('error', () => undefined)
        .on('close', () => {
          client.destroy();
          there.destroy();
        });
    }
    client.pipe(there).pipe(client);
  });
  onTestFinished(() => void server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A server that listens on a port has such an address.
  return (server.address() as AddressInfo).port;
}
