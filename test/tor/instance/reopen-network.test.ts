import { expect, test } from 'vitest';
import { ControlConnection } from '../../../src/tor/control/connection.js';
import { reopenNetwork } from '../../../src/tor/instance/reopen-network.js';
import { startControlServer } from '../control/control-server.js';

test('the network is opened only after tor has confirmed that it is closed', async () => {
  let answerAll: (() => void) | undefined;
  await using server = await startControlServer((command, socket) => {
    if (command.endsWith('"0"')) socket.write('650 STATUS_CLIENT NOTICE CIRCUIT_ESTABLISHED\r\n');
    if (command.endsWith('"1"')) answerAll = () => socket.write('250 OK\r\n250 OK\r\n');
    return answerAll === undefined || command.endsWith('"0"') ? '250 OK\n' : undefined;
  });
  const connection = await ControlConnection.connect(server.endpoint);
  const reopened = reopenNetwork(connection, new AbortController().signal);
  await expect.poll(() => server.commands.at(-1)).toBe('setconf DisableNetwork="1"');
  const asked = connection.send('SIGNAL NEWNYM');
  await expect.poll(() => server.commands.length).toBeGreaterThan(2);
  // Nothing has come before this, though tor may take its time.
  expect(server.commands.at(-1)).toBe('signal NEWNYM');
  answerAll?.();
  await asked;
  expect(await reopened).toBe(true);
  expect(server.commands.at(-1)).toBe('setconf DisableNetwork="0"');
  connection.close();
});
