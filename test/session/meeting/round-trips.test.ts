import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { RelayClient } from '../../../src/relay-protocol/relay-client.js';
import { receiveTransfer } from '../../../src/session/receiving/receive-transfer.js';
import { sendTransfer } from '../../../src/session/sending/send-transfer.js';
import { CONNECTION_NONCE_BYTES } from '../../../src/stream/keys.js';
import { textDestination } from '../../../src/transfer/destination/stream-destination.js';
import { textSource } from '../../../src/transfer/source/stream-source.js';
import { farAccess, runningRelay, scratchDirectory } from '../../relay/support/running-relay.js';
import { recipientSide, senderSide } from '../support/both-sides.js';
import { expectStreams } from '../support/expect-streams.js';
import { recipientAgain, recipientAt, senderAgain, senderAt } from '../support/parties.js';

interface Clock {
  /** Round trips that the recipient has begun, one after the other; dialling is the first. */
  trips: number;
  /** Whether it has heard something since it last spoke: only then is what it says a new trip. */
  heard: boolean;
  /** At the first byte that is encrypted. */
  tripsAtFirstFrame: number | undefined;
}

/** Passes everything on and counts how often the near side answers to what it has heard. */
async function listen(path: string, target: string, clock: Clock, stream: boolean): Promise<void> {
  const server = createServer((near) => {
    const far = connect(target);
    let received = 0;
    near.on('data', (piece) => {
      if (clock.heard) clock.trips++;
      clock.heard = false;
      far.write(piece);
    });
    far.on('data', (piece: Buffer) => {
      received += piece.length;
      const clear = '{"ok":true}\n'.length + CONNECTION_NONCE_BYTES;
      if (stream && received > clear) clock.tripsAtFirstFrame ??= clock.trips;
      clock.heard = true;
      near.write(piece);
    });
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.on('error', () => undefined);
      one.once('close', () => other.destroy());
    }
  });
  server.listen(path);
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
  });
}

interface Counted {
  readonly relay: Awaited<ReturnType<typeof runningRelay>>;
  readonly far: RelayClient;
  readonly clock: Clock;
}

async function counted(): Promise<Counted> {
  const relay = await runningRelay();
  const directory = await scratchDirectory();
  const proxy = { httpSocket: join(directory, 'h'), streamSocket: join(directory, 's') };
  // Dialling is the first trip; being connected is what is heard of it.
  const clock: Clock = { trips: 1, heard: true, tripsAtFirstFrame: undefined };
  await listen(proxy.httpSocket, relay.httpSocket, clock, false);
  await listen(proxy.streamSocket, relay.streamSocket, clock, true);
  return { relay, far: farAccess(proxy), clock };
}

describe('from dialling to the first encrypted byte', () => {
  test('a recipient of a sender’s own relay makes three round trips', async () => {
    const { relay, far, clock } = await counted();
    const channel = await senderAt(relay.local);
    const sending = channel
      .meet()
      .then((meeting) =>
        sendTransfer({ ...senderSide(relay.local, meeting), source: textSource('hello') }),
      );
    const meeting = await recipientAt(far);
    let text = '';
    await receiveTransfer({
      ...recipientSide(far, meeting),
      accept: (manifest) =>
        Promise.resolve(textDestination(manifest, (received) => (text = received))),
    });
    await sending;
    await channel.close();
    expect(text).toBe('hello');
    expect(clock.tripsAtFirstFrame).toBe(3);
  });

  test('and three again when the two meet again', async () => {
    const { relay, far, clock } = await counted();
    const waiting = senderAgain(relay.local).meet();
    await expectStreams(waiting, recipientAgain(far).meet(), 1);
    expect(clock.tripsAtFirstFrame).toBe(3);
  });
});
