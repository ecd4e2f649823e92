import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { runningRelay } from '../relay/support/running-relay.js';

function connection(path: string): Socket {
  const socket = createConnection(path);
  socket.on('error', () => undefined);
  onTestFinished(() => void socket.destroy());
  return socket;
}

test('what comes instead of the circuit’s line is not kept beyond the length of one', async () => {
  const limits = { headMs: 600_000, requestMs: 600_000 };
  const { httpSocket } = await runningRelay(limits, { circuitLine: true });
  const endless = connection(httpSocket);
  const closed: Socket[] = [];
  endless.once('close', () => closed.push(endless));
  endless.resume().write('P'.repeat(108));
  // It came first, so it has been read when these are answered.
  for (let n = 0; n < 3; n++) {
    const other = connection(httpSocket);
    other.write('PROXY UNKNOWN\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await once(other, 'data');
  }
  expect(closed).toEqual([endless]);
});
