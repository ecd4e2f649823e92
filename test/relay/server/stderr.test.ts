import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import {
  AUTHORIZATION,
  CREDENTIALS,
  nonce,
  plainRequest,
  scratchDirectory,
} from '../support/running-relay.js';

const MAIN = fileURLToPath(new URL('../support/relay-main.ts', import.meta.url));

/** A relay in a process that does not know of being tested. */
async function relayProcess(
  NODE_ENV: string | undefined,
): Promise<{ httpSocket: string; end: () => Promise<string> }> {
  const directory = await scratchDirectory();
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', MAIN, directory, CREDENTIALS.user, CREDENTIALS.password],
    {
      env: { ...process.env, VITEST: undefined, NODE_ENV },
      stdio: 'pipe',
    },
  );
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const said = text(child.stderr);
  await once(child.stdout, 'data');
  return {
    httpSocket: join(directory, 'http'),
    end(): Promise<string> {
      child.stdin.end();
      return said;
    },
  };
}

test.each([
  undefined,
  'production',
])('a client that hangs up leaves no word on stderr, with NODE_ENV %s', async (environment) => {
  const { httpSocket, end } = await relayProcess(environment);
  const join1 = { role: 'sender', nonce: nonce(), channel: 'a-b' };
  const opened = await plainRequest(httpSocket, '/join', { body: join1 });
  const poll = JSON.stringify({ channel: 'a-b', uuid: opened.json['uuid'], wait: 50_000 });
  for (const [path, body, length] of [
    ['/channel', poll, poll.length],
    ['/join', '{', 10],
  ] as const) {
    const socket = createConnection(httpSocket);
    socket.write(
      `POST ${path} HTTP/1.1\r\nHost: a\r\nAuthorization: ${AUTHORIZATION}\r\n` +
        `Content-Type: application/json\r\nContent-Length: ${length}\r\n\r\n${body}`,
    );
    await once(socket, 'connect');
    // A whole exchange after it: by then the relay has read what this one has sent.
    await plainRequest(httpSocket, '/join', { body: join1 });
    socket.destroy();
    await plainRequest(httpSocket, '/join', { body: join1 });
  }
  expect(await end()).toBe('');
});
