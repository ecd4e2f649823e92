import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { OnionferryError } from '../../../src/base/errors.js';
import type { RelayClient } from '../../../src/relay-protocol/relay-client.js';
import { receiveTransfer } from '../../../src/session/receiving/receive-transfer.js';
import { sendTransfer } from '../../../src/session/sending/send-transfer.js';
import { openDestination } from '../../../src/transfer/destination/destination.js';
import { nodePrimitives } from '../../../src/transfer/node-primitives.js';
import { fileSource } from '../../../src/transfer/source/file-source.js';
import { farAccess, runningRelay } from '../../relay/support/running-relay.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import { altered } from '../support/altered-access.js';
import { expectStreams } from '../support/expect-streams.js';
import { recipientAgain, recipientAt, senderAgain, senderAt } from '../support/parties.js';
import { switched } from '../support/switched-access.js';

const away = (): OnionferryError => new OnionferryError('ERR_RELAY', 'no reply');

/** Ends this side's use of the relay, without a word to it, when a request has got through. */
function killedAfter(access: RelayClient, which: 'x' | 'h_k', times: number): RelayClient {
  let seen = 0;
  return altered(access, {
    channel: async (request, options) => {
      const state = await access.channel(request, options);
      if (!(which in request) || ++seen !== times) return state;
      await access.close();
      throw new OnionferryError('ERR_INTERRUPTED', 'killed');
    },
  });
}

describe('a sender that was killed', () => {
  test.each([
    ['x', 1],
    ['x', 3],
    ['h_k', 1],
  ] as const)('after %s (%i) and restarted takes its channel on another’s relay again', async (which, times) => {
    const relay = await runningRelay();
    const dead = senderAgain(killedAfter(farAccess(relay), which, times)).meet();
    const search = recipientAgain(farAccess(relay), { proofMs: 3_000, waitMs: 300 });
    const stop = new AbortController();
    const met = search.meet({ signal: stop.signal });
    met.catch(() => undefined);
    // With h_k the recipient has met a sender that is gone: it looks for it again.
    if (which === 'h_k') await met;
    await expect(dead).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' });
    const found = which === 'h_k' ? search.meet() : met;
    await expectStreams(senderAgain(farAccess(relay)).meet(), found, 1);
  });
});

describe('a sender whose relay goes away', () => {
  test('waits until it is back', async () => {
    const [first, second] = [await runningRelay(), await runningRelay()];
    const { access, to } = switched(farAccess(first, { retryDelaysMs: [] }));
    const waits: string[] = [];
    const onWaiting = (why: string): number => waits.push(why);
    const waiting = senderAgain(access, { waitMs: 200, onWaiting }).meet();
    const hello = { role: 'recipient', channel: 'x', nonce: 'A'.repeat(22) } as const;
    await expect(access.join(hello)).rejects.toMatchObject({ code: 'ERR_CHANNEL_MISSING' });
    await first.close();
    to(farAccess(second));
    await expectStreams(waiting, recipientAgain(farAccess(second)).meet(), 1);
    expect(waits).toContain('the relay is away');
  });

  test.each([
    'x',
    'h_k',
  ] as const)('does not lose whom it meets by a lost reply to %s', async (which) => {
    const relay = await runningRelay();
    const lossy = (access: RelayClient): RelayClient => {
      let lost = false;
      return altered(access, {
        channel: async (request, options) => {
          const state = await access.channel(request, options);
          if (lost || !(which in request)) return state;
          lost = true;
          throw away();
        },
      });
    };
    const seen: string[] = [];
    const onPeer = (state: string): number => seen.push(state);
    const channel = await senderAt(lossy(farAccess(relay)), { onPeer });
    const [ours, theirs] = await Promise.all([channel.meet(), recipientAt(farAccess(relay))]);
    expect(ours.keys).toEqual(theirs.keys);
    await channel.close();
    const again = senderAgain(lossy(farAccess(relay)), { onPeer });
    await expectStreams(again.meet(), recipientAgain(farAccess(relay)).meet(), 1);
    expect(seen).not.toContain('rejected');
  });
});

describe('a recipient', () => {
  test('that never hears the proof finds the sender further on, however often', async () => {
    const relay = await runningRelay();
    const access = farAccess(relay);
    let losses = 3;
    const deaf = altered(access, {
      channel: async (request, options) => {
        const state = await access.channel(request, options);
        if (request.y === undefined || losses-- <= 0) return state;
        throw away();
      },
    });
    const sender = senderAgain(relay.local);
    const met = recipientAgain(deaf).meet();
    let ours = await sender.meet();
    while (ours.generation < 4) ours = await sender.meet();
    await expectStreams(ours, met, 1);
  });

  test('that never hears the proof still gets what the sender began to offer to nobody', async () => {
    const [from, to] = [await temporaryDirectory(), await temporaryDirectory()];
    await writeFile(join(from, 'file'), 'content');
    const relay = await runningRelay();
    const access = farAccess(relay);
    let isDeaf = true;
    const deaf = altered(access, {
      channel: async (request, options) => {
        const state = await access.channel(request, options);
        if (request.y === undefined || !isDeaf) return state;
        isDeaf = false;
        throw away();
      },
    });
    const met: Record<string, number[]> = { sender: [], recipient: [] };
    const lost = { met: undefined, primitives: nodePrimitives };
    await using source = await fileSource([join(from, 'file')]);
    await Promise.all([
      sendTransfer({
        ...lost,
        source,
        reconnect: senderAgain(relay.local),
        onMet: (generation) => met.sender?.push(generation),
      }),
      receiveTransfer({
        ...lost,
        reconnect: recipientAgain(deaf),
        accept: (manifest) => openDestination({ directory: to, manifest, conflict: 'fail' }),
        onMet: (generation) => met.recipient?.push(generation),
      }),
    ]);
    expect(met).toEqual({ sender: [1, 2], recipient: [2] });
    expect(await readFile(join(to, 'file'), 'utf8')).toBe('content');
  });

  test('that is killed whenever it has answered finds the sender further on, however often', async () => {
    const relay = await runningRelay();
    const sender = senderAgain(relay.local);
    let noted = 0;
    for (let generation = 1; generation <= 5; generation++) {
      const waiting = sender.meet();
      const access = farAccess(relay);
      const killed = altered(access, {
        channel: async (request, options) => {
          const state = await access.channel(request, options);
          if (request.y === undefined) return state;
          throw new OnionferryError('ERR_INTERRUPTED', 'killed');
        },
      });
      const onAnswering = (answered: number): Promise<void> => {
        noted = answered;
        return Promise.resolve();
      };
      const one = recipientAgain(killed, { generation: noted, onAnswering });
      await expect(one.meet()).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' });
      await waiting;
      await one.close();
    }
    const last = recipientAgain(farAccess(relay), { generation: noted });
    await expectStreams(sender.meet(), last.meet(), 1);
  });

  test('tries again when a request hangs', async () => {
    const relay = await runningRelay();
    const access = farAccess(relay);
    let hanging = true;
    const stuck = altered(access, {
      join: async (request, options) => {
        if (!hanging) return await access.join(request, options);
        hanging = false;
        return await new Promise((_resolve, reject) => {
          options?.signal?.addEventListener('abort', () => reject(away()));
        });
      },
    });
    const waiting = senderAgain(relay.local).meet();
    await expectStreams(waiting, recipientAgain(stuck, { tryMs: 5_000 }).meet(), 1);
  });
});
