import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { formatAuthorization } from '../../src/base/authorization.js';
import { CircuitTries } from '../../src/onion-http/circuit-tries.js';
import type { HttpLimits } from '../../src/onion-http/limits.js';
import { OnionHttpServer } from '../../src/onion-http/onion-http-server.js';
import { onAuthenticatedUpgrade, onUpgrade } from '../../src/onion-http/upgrades.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

const CREDENTIALS = { user: 'ferry', password: 'right' };
const CIRCUIT = 1;
const PROXY_LINE = `PROXY TCP6 fc00:dead:beef:4dad::0:${CIRCUIT} ::1 65535 80\r\n`;

interface Upgrading {
  readonly server: OnionHttpServer;
  readonly tries: CircuitTries;
  /** How many upgrades were taken */
  readonly taken: () => number;
}

async function upgrading(
  take: typeof onUpgrade,
  limits: Partial<HttpLimits> = {},
): Promise<Upgrading> {
  const tries = new CircuitTries({ authenticationFailures: 1, authenticationFailuresMs: 600_000 });
  const server = new OnionHttpServer({
    ...{ credentials: CREDENTIALS, directory: await temporaryDirectory(), tries },
    answer: () => (_request, response) => {
      response.shouldKeepAlive = true;
      response.end();
    },
    limits: { lastReplyMs: 600_000, ...limits },
  });
  onTestFinished(() => server.close());
  await server.listen();
  let count = 0;
  take(server.http, server.access, (_request, socket) => {
    count++;
    socket.end('HTTP/1.1 101 Switching Protocols\r\n\r\n');
  });
  return { server, tries, taken: () => count };
}

/** A connection whose circuit is known. */
async function connection({ httpSocket }: OnionHttpServer): Promise<Socket> {
  const socket = createConnection(httpSocket);
  socket.on('error', () => undefined);
  onTestFinished(() => void socket.destroy());
  socket.write(`${PROXY_LINE}GET / HTTP/1.1\r\nHost: a\r\n\r\n`);
  await once(socket, 'data');
  return socket;
}

function upgrade(password: string): string {
  const authorization = formatAuthorization({ ...CREDENTIALS, password });
  return `GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: x\r\nAuthorization: ${authorization}\r\n\r\n`;
}

test.each([
  ['anybody', onUpgrade],
  ['whoever knows the password', onAuthenticatedUpgrade],
])('an upgrade for %s is not taken from a circuit that was shut out', async (_, take) => {
  const { server, tries, taken } = await upgrading(take);
  const [before, after] = [await connection(server), await connection(server)];
  before.write(upgrade('right'));
  expect(await text(before)).toMatch(/^HTTP\/1\.1 101 /);
  tries.fail(CIRCUIT);
  after.write(upgrade('right'));
  expect(await text(after)).toBe('');
  expect(taken()).toBe(1);
});

test.each([
  ['held for a while', {}, /^HTTP\/1\.1 401 /],
  ['not given at all while too many are held', { delayedRefusals: 0 }, /^$/],
])('the answer to an upgrade with a wrong password is %s', async (_, limits, answer) => {
  const { server, taken } = await upgrading(onAuthenticatedUpgrade, {
    ...{ accessDelayMs: 1 },
    ...limits,
  });
  const socket = await connection(server);
  socket.write(upgrade('wrong'));
  expect(await text(socket)).toMatch(answer);
  expect(taken()).toBe(0);
});
