import { describe, expect, test } from 'vitest';
import { randomBytes, toBase64Url } from '../../../src/base/bytes.js';
import { CURVE_NAMES } from '../../../src/pake/curves/curve-name.js';
import type { RelayClient } from '../../../src/relay-protocol/relay-client.js';
import type { ChannelRequest } from '../../../src/relay-protocol/wire.js';
import { createGuessLimit } from '../../../src/session/meeting/guess-limit.js';
import { CREDENTIALS, farAccess, runningRelay } from '../../relay/support/running-relay.js';
import { retold } from '../support/altered-access.js';
import { CHANNEL, recipientAt, senderAt } from '../support/parties.js';
import { switched } from '../support/switched-access.js';

describe.each(['own', 'third-party'] as const)('a meeting on the sender’s %s relay', (kind) => {
  async function relay(): Promise<{ sender: RelayClient; far: () => RelayClient }> {
    const running = await runningRelay();
    const far = (): RelayClient => farAccess(running);
    return { sender: kind === 'own' ? running.local : far(), far };
  }

  test.each(CURVE_NAMES)('gives both sides the same keys on %s', async (curve) => {
    const { sender, far } = await relay();
    const channel = await senderAt(sender, { curve });
    const [ours, theirs] = await Promise.all([channel.meet(), recipientAt(far(), { curve })]);
    expect(ours.keys).toEqual(theirs.keys);
    expect(ours.keys.stream).not.toEqual(ours.keys.resumption);
    await channel.close();
  });

  test('turns wrong words away, any number of times, and keeps waiting', async () => {
    const { sender, far } = await relay();
    const seen: string[] = [];
    const channel = await senderAt(sender, { onPeer: (state) => seen.push(state) });
    const meeting = channel.meet();
    for (let i = 0; i < 3; i++) {
      await expect(recipientAt(far(), { words: `wrong-words-${i}` })).rejects.toMatchObject({
        code: 'ERR_PASSWORD',
      });
    }
    const right = await recipientAt(far());
    expect((await meeting).keys).toEqual(right.keys);
    expect(seen.filter((state) => state === 'rejected')).toHaveLength(3);
    await channel.close();
  });

  test('is not held up by those who join and say nothing', async () => {
    const { sender, far } = await relay();
    const channel = await senderAt(sender);
    const meeting = channel.meet();
    const silent = far();
    for (let i = 0; i < 8; i++) {
      const nonce = toBase64Url(randomBytes(16));
      await silent.join({ role: 'recipient', channel: CHANNEL, nonce });
    }
    const right = await recipientAt(far());
    expect((await meeting).keys).toEqual(right.keys);
    await channel.close();
  });

  test('lets no more guesses be judged than the limit allows', async () => {
    const { sender, far } = await relay();
    const guesses = createGuessLimit({ burst: 2, intervalMs: 3_600_000 });
    const seen: string[] = [];
    const ending = new AbortController();
    const { signal } = ending;
    const channel = await senderAt(sender, { guesses, onPeer: (state) => seen.push(state) });
    const meeting = channel.meet({ signal });
    const guessed = Array.from({ length: 4 }, (_, i) =>
      recipientAt(far(), { words: `wrong-words-${i}`, signal }),
    );
    await Promise.any(
      guessed.map((guess) =>
        guess.then(
          () => undefined,
          () => undefined,
        ),
      ),
    );
    while (seen.filter((state) => state === 'rejected').length < 2) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    // Two have been judged. The other two, and now the right one, wait for the next guess.
    const right = recipientAt(far(), { signal });
    right.catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(seen.filter((state) => state === 'rejected')).toHaveLength(2);
    expect(seen).not.toContain('authenticated');
    ending.abort(new Error('over'));
    await expect(meeting).rejects.toThrow();
    await Promise.allSettled([...guessed, right]);
  });

  test('refuses a curve that the recipient did not name', async () => {
    const { sender, far } = await relay();
    const channel = await senderAt(sender, { curve: 'siec' });
    const meeting = channel.meet();
    meeting.catch(() => undefined);
    await expect(recipientAt(far())).rejects.toMatchObject({ code: 'ERR_CURVE' });
    await channel.close();
  });
});

describe('a recipient', () => {
  test('somebody with wrong access words learns nothing else', async () => {
    const running = await runningRelay();
    const channel = await senderAt(running.local);
    const stranger = farAccess(running, {
      credentials: { ...CREDENTIALS, password: 'other-door' },
    });
    await expect(recipientAt(stranger)).rejects.toMatchObject({ code: 'ERR_PASSWORD' });
    await channel.close();
  });

  test('is told when nobody is sending', async () => {
    const running = await runningRelay();
    await expect(recipientAt(farAccess(running), { turnDeadlineMs: 0 })).rejects.toMatchObject({
      code: 'ERR_CHANNEL_MISSING',
    });
  });

  test('sends one guess for one entry of the words, and none of the words themselves', async () => {
    const running = await runningRelay();
    const channel = await senderAt(running.local);
    const meeting = channel.meet();
    meeting.catch(() => undefined);
    const sent: (ChannelRequest | object)[] = [];
    const watched = retold(farAccess(running), { request: (request) => sent.push(request) });
    await expect(recipientAt(watched, { words: 'only-mine-here' })).rejects.toMatchObject({
      code: 'ERR_PASSWORD',
    });
    expect(sent.filter((request) => 'y' in request)).toHaveLength(1);
    expect(JSON.stringify(sent)).not.toMatch(/only|mine|here/);
    await channel.close();
  });
});

describe('a relay that lies', () => {
  const other = toBase64Url(randomBytes(32));

  test('cannot play the sender: a confirmation of its own is a wrong password', async () => {
    const running = await runningRelay();
    const channel = await senderAt(running.local);
    const meeting = channel.meet();
    meeting.catch(() => undefined);
    const lying = retold(farAccess(running), {
      state: (state) => ('h_k' in state ? { ...state, h_k: other } : state),
    });
    await expect(recipientAt(lying)).rejects.toMatchObject({ code: 'ERR_PASSWORD' });
    await channel.close();
  });

  test('cannot swap a share without being noticed by both', async () => {
    const running = await runningRelay();
    const foreign = await runningRelay();
    const channel = await senderAt(running.local);
    const elsewhere = await senderAt(foreign.local, { words: 'chosen-by-relay' });
    const seen: string[] = [];
    const meetings = [channel.meet(), elsewhere.meet()];
    for (const meeting of meetings) meeting.catch(() => undefined);
    const nonce = toBase64Url(randomBytes(16));
    const { state } = await farAccess(foreign).join({ role: 'recipient', channel: CHANNEL, nonce });
    const x = state.role === 'recipient' ? state.x : undefined;
    const lying = retold(farAccess(running), {
      state: (real) => ('x' in real && x !== undefined ? { ...real, x } : real),
    });
    const onPeer = (peer: string): number => seen.push(peer);
    await expect(recipientAt(lying, { onPeer })).rejects.toMatchObject({ code: 'ERR_PASSWORD' });
    expect(seen).toEqual([]);
    const right = await recipientAt(farAccess(running));
    expect((await meetings[0]!).keys).toEqual(right.keys);
    await channel.close();
    await elsewhere.close();
  });

  test('cannot say another curve than the recipient named', async () => {
    const running = await runningRelay();
    const channel = await senderAt(running.local);
    const meeting = channel.meet();
    meeting.catch(() => undefined);
    const lying = retold(farAccess(running), { curve: 'siec' });
    await expect(recipientAt(lying)).rejects.toMatchObject({ code: 'ERR_CURVE' });
    await channel.close();
  });
});

describe('a sender that waits on another’s relay', () => {
  test('takes its place again when the relay was restarted', async () => {
    const first = await runningRelay();
    const second = await runningRelay();
    const { access, to } = switched(farAccess(first));
    const waits: string[] = [];
    const channel = await senderAt(access, { waitMs: 200, onWaiting: (why) => waits.push(why) });
    const meeting = channel.meet();
    await first.close();
    to(farAccess(second));
    const right = await recipientAt(farAccess(second));
    expect((await meeting).keys).toEqual(right.keys);
    expect(waits.length).toBeGreaterThan(0);
    await channel.close();
  });
});
