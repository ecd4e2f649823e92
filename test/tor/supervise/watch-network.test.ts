import type { Socket } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { silentLogger } from '../../../src/base/logger.js';
import { ControlConnection } from '../../../src/tor/control/connection.js';
import { watchNetwork } from '../../../src/tor/supervise/watch-network.js';
import { startControlServer } from '../control/control-server.js';

const CHECK_EVERY_MS = 2_000;

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

test('a circuit counts as built also if that is read together with its number', async () => {
  let tor: Socket | undefined;
  await using server = await startControlServer((command, socket) => {
    tor = socket;
    return command.startsWith('EXTENDCIRCUIT')
      ? '250 EXTENDED 7\n650 CIRC 7 BUILT $A~a PURPOSE=GENERAL\n'
      : '250 OK\n';
  });
  const connection = await ControlConnection.connect(server.endpoint);
  const ending = new AbortController();
  const wake = vi.fn(() => Promise.resolve(true));
  const watch = watchNetwork(connection, {
    isHosting: () => true,
    wake,
    outgoing: () => Promise.resolve({ v4: undefined, v6: undefined, all: new Set() }),
    logger: silentLogger,
    signal: ending.signal,
  }).catch((reason: unknown) => reason);
  await connection.send('GETINFO version');
  for (let second = 0; second < 30; second++) tor?.write('650 BW 0 0\r\n');
  await connection.send('GETINFO version');
  await vi.advanceTimersByTimeAsync(CHECK_EVERY_MS);
  // It is closed once the wait for it has ended.
  await expect.poll(() => server.commands.at(-1)).toBe('CLOSECIRCUIT 7');
  expect(wake).not.toHaveBeenCalled();
  ending.abort(new Error('enough'));
  expect(await watch).toMatchObject({ message: 'enough' });
  connection.close();
});
