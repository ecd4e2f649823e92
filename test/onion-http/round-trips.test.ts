import { Agent, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { noteRequest, roundTripOf, shareWay } from '../../src/onion-http/round-trips.js';
import { ask, serving } from '../pages/support/serving.js';

/** A server that notes what its clients show. */
async function noting(): Promise<{ port: number; came: IncomingMessage[] }> {
  const came: IncomingMessage[] = [];
  const port = await serving((request, response) => {
    noteRequest(request, response);
    came.push(request);
    response.end('x');
  });
  return { port, came };
}

test('a request after a reply shows how long a round trip takes at most, for the whole circuit', async () => {
  const { port, came } = await noting();
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  await ask(port, '/', { agent });
  expect(roundTripOf(came[0]!)).toBeUndefined();
  await ask(port, '/style.css', { agent });
  expect(roundTripOf(came[1]!)).toBeGreaterThan(0);
  const other = connect(port);
  onTestFinished(() => void other.destroy());
  shareWay(other, came[0]!.socket);
  expect(roundTripOf({ socket: other })).toBe(roundTripOf(came[1]!));
});

test('a request that was sent without waiting for the reply shows nothing', async () => {
  const { port, came } = await noting();
  const client = connect(port);
  onTestFinished(() => void client.destroy());
  client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(2));
  await expect.poll(() => came.length).toBe(2);
  expect(roundTripOf(came[1]!)).toBeUndefined();
});
