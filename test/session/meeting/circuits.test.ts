import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { untilAborted } from '../../../src/base/deadline.js';
import type { DialledStream, RelayClient } from '../../../src/relay-protocol/relay-client.js';
import { DialledAhead } from '../../../src/session/circuits/dialled-ahead.js';
import type { Meeting } from '../../../src/session/meeting/meeting.js';
import { farAccess, runningRelay } from '../../relay/support/running-relay.js';
import { altered } from '../support/altered-access.js';
import { recipientAgain, recipientAt, senderAgain, senderAt } from '../support/parties.js';

/** A longer wait would never end. */
const PATIENCE_MS = 60_000;

/** Longer than any key agreement takes, however busy the machine is. */
const PATIENT = { aheadMs: 60_000 };
const PATIENT_RELAY = { headMs: 60_000, requestMs: 60_000 };

interface Dials {
  readonly isolations: string[];
  readonly sockets: Socket[];
  readonly open: () => number;
}

type Relay = Awaited<ReturnType<typeof runningRelay>>;

/** A far side whose stream connections are seen. */
function watched(relay: Relay): { access: RelayClient; dials: Dials } {
  const isolations: string[] = [];
  const sockets: Socket[] = [];
  const access = farAccess(relay, {
    dial: async ({ isolation, first, signal }) => {
      isolations.push(isolation);
      const socket = connect(relay.streamSocket);
      sockets.push(socket);
      onTestFinished(() => {
        socket.destroy();
      });
      await once(socket, 'connect');
      if (signal.aborted) socket.destroy();
      signal.throwIfAborted();
      if (first !== undefined) socket.write(first);
      return socket;
    },
  });
  const open = (): number => sockets.filter(({ destroyed }) => !destroyed).length;
  return { access, dials: { isolations, sockets, open } };
}

async function openBoth(one: Meeting, other: Meeting, number: number): Promise<void> {
  await Promise.all([one.openStream(number), other.openStream(number)]);
}

test('every stream but the first has a circuit of its own, in every meeting another', async () => {
  const relay = await runningRelay(PATIENT_RELAY);
  const [sender, recipient] = [watched(relay), watched(relay)];
  const channel = await senderAt(sender.access);
  const first = await Promise.all([channel.meet(), recipientAt(recipient.access, PATIENT)]);
  for (let number = 0; number < 8; number++) await openBoth(...first, number);
  const again = [senderAgain(sender.access), recipientAgain(recipient.access)] as const;
  const second = await Promise.all(again.map((side) => side.meet()));
  const [ours, theirs] = second.map(({ meeting }) => meeting);
  for (let number = 0; number < 8; number++) await openBoth(ours!, theirs!, number);
  for (const { dials } of [sender, recipient]) {
    const own = dials.isolations.filter((isolation) => isolation !== '0');
    expect(own).toHaveLength(14);
    expect(new Set(own).size).toBe(14);
  }
  await channel.close();
});

test('what was dialled ahead is used, and a sender dials nothing ahead', async () => {
  const relay = await runningRelay(PATIENT_RELAY);
  const [sender, recipient] = [watched(relay), watched(relay)];
  const channel = await senderAt(sender.access);
  const [ours, theirs] = await Promise.all([
    channel.meet(),
    recipientAt(recipient.access, PATIENT),
  ]);
  expect(sender.dials.isolations).toHaveLength(0);
  await vi.waitFor(() => expect(recipient.dials.isolations).toHaveLength(8), PATIENCE_MS);
  for (let number = 0; number < 8; number++) await openBoth(ours, theirs, number);
  expect(sender.dials.isolations).toHaveLength(8);
  expect(recipient.dials.isolations).toHaveLength(8);
  expect(recipient.dials.open()).toBe(8);
  await channel.close();
});

test('the circuit of the requests is dialled before those of the other streams', async () => {
  const relay = await runningRelay(PATIENT_RELAY);
  const { access, dials } = watched(relay);
  const channel = await senderAt(relay.local);
  let others: number | undefined;
  const meeting = recipientAt(
    altered(access, {
      join: (request, options) => {
        others = dials.isolations.filter((isolation) => isolation !== '0').length;
        return access.join(request, options);
      },
    }),
    PATIENT,
  );
  await Promise.all([channel.meet(), meeting]);
  expect(others).toBe(0);
  expect(dials.isolations[0]).toBe('0');
  await channel.close();
});

test('before the confirmation only the first stream is named to the relay', async () => {
  const relay = await runningRelay({ streamsBeforeConfirmation: 1 });
  const channel = await senderAt(relay.local);
  const [ours, theirs] = await Promise.all([channel.meet(), recipientAt(farAccess(relay))]);
  for (let number = 0; number < 4; number++) await openBoth(ours, theirs, number);
  await channel.close();
});

test('the number dialled ahead can be set, and those not needed are closed', async () => {
  const relay = await runningRelay(PATIENT_RELAY);
  const { access, dials } = watched(relay);
  const channel = await senderAt(relay.local);
  const [ours, theirs] = await Promise.all([
    channel.meet(),
    recipientAt(access, { ...PATIENT, ahead: 5 }),
  ]);
  await openBoth(ours, theirs, 0);
  await vi.waitFor(() => expect(dials.isolations).toHaveLength(5), PATIENCE_MS);
  theirs.releaseAhead();
  await vi.waitFor(() => expect(dials.open()).toBe(1), PATIENCE_MS);
  await openBoth(ours, theirs, 1);
  await channel.close();
});

test('with one, nothing is dialled but the first stream', async () => {
  const relay = await runningRelay(PATIENT_RELAY);
  const { access, dials } = watched(relay);
  const channel = await senderAt(relay.local);
  const [ours, theirs] = await Promise.all([
    channel.meet(),
    recipientAt(access, { ...PATIENT, ahead: 1 }),
  ]);
  await openBoth(ours, theirs, 0);
  expect(dials.isolations).toEqual(['0']);
  await channel.close();
});

test.each([
  'wrong words',
  'nobody there',
  'abandoned',
  'stopped',
])('nothing stays open: %s', async (how) => {
  const relay = await runningRelay();
  const { access, dials } = watched(relay);
  const channel = await senderAt(relay.local);
  const meeting = channel.meet();
  meeting.catch(() => undefined);
  if (how === 'wrong words') {
    await expect(recipientAt(access, { words: 'a-b-c' })).rejects.toThrow();
  } else if (how === 'nobody there') {
    await channel.close();
    await expect(recipientAt(access, { turnDeadlineMs: 0 })).rejects.toThrow();
  } else if (how === 'abandoned') {
    await (await recipientAt(access)).abandon();
  } else {
    const stop = new AbortController();
    const stopped = recipientAt(access, { signal: stop.signal });
    stopped.catch(() => undefined);
    await vi.waitFor(() => expect(dials.sockets).toHaveLength(8), PATIENCE_MS);
    stop.abort(new Error('stopped'));
    await Promise.allSettled([stopped]);
    await stopped.then((met) => met.abandon()).catch(() => undefined);
  }
  await vi.waitFor(() => expect(dials.open()).toBe(0), PATIENCE_MS);
  await channel.close();
});

test('a search that finds nobody builds no circuits but that of its requests', async () => {
  const relay = await runningRelay();
  const { access, dials } = watched(relay);
  const stop = new AbortController();
  const search = recipientAgain(access, { onWaiting: () => stop.abort(new Error('enough')) });
  await expect(search.meet({ signal: stop.signal })).rejects.toThrow('enough');
  expect(new Set(dials.isolations)).toEqual(new Set(['0']));
  await vi.waitFor(() => expect(dials.open()).toBe(0), PATIENCE_MS);
});

test('what waits for too long is closed, and dialled again over the same circuit', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => {
    vi.useRealTimers();
  });
  const destroyed: string[] = [];
  // Only dialling is asked of it.
  const access = {
    dialStream: ({ isolation }: { isolation: string }) =>
      Promise.resolve({ destroy: () => destroyed.push(isolation) } as unknown as DialledStream),
  } as unknown as RelayClient;
  const ahead = new DialledAhead({ relay: access, circuits: (stream) => `circuit-${stream}` });
  ahead.dial(1);
  ahead.dial(2);
  await vi.advanceTimersByTimeAsync(4_000);
  await ahead.take(1);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(destroyed).toEqual(['circuit-2']);
  expect(ahead.take(2)).toBeUndefined();
});

test('a dial may begin later, and what it took itself is known', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  onTestFinished(() => {
    vi.useRealTimers();
  });
  const dialled: string[] = [];
  // Only dialling is asked of it.
  const access = {
    dialStream: async ({ isolation }: { isolation: string }) => {
      dialled.push(isolation);
      await new Promise((resolve) => setTimeout(resolve, 700));
      return { destroy: () => undefined };
    },
  } as unknown as RelayClient;
  const ahead = new DialledAhead({ relay: access, circuits: String });
  ahead.dial(1, 300);
  ahead.dial(2, 300);
  await vi.advanceTimersByTimeAsync(200);
  ahead.release();
  ahead.dial(3, 300);
  await vi.advanceTimersByTimeAsync(900);
  expect(ahead.dialMs).toBeUndefined();
  await vi.advanceTimersByTimeAsync(200);
  expect(dialled).toEqual(['3']);
  expect(ahead.dialMs).toBe(700);
  ahead.release();
});

test('a dial that fails ahead is nobody’s failure', async () => {
  const access = {
    dialStream: () => Promise.reject(new Error('no circuit')),
  } as unknown as RelayClient;
  const ahead = new DialledAhead({ relay: access, circuits: String });
  ahead.dial(1);
  await vi.waitFor(() => expect(ahead.take(1)).toBeUndefined(), PATIENCE_MS);
});

/** Dials that take this long, and are counted. */
function slowDials(ms: number): { access: RelayClient; dialled: string[] } {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  onTestFinished(() => {
    vi.useRealTimers();
  });
  const dialled: string[] = [];
  // Only dialling is asked of it, and no join is ever answered.
  const access = {
    join: (_: unknown, { signal }: { signal?: AbortSignal } = {}) =>
      untilAborted(new Promise(() => undefined), signal),
    dialStream: async ({ isolation }: { isolation: string }) => {
      dialled.push(isolation);
      await new Promise((resolve) => setTimeout(resolve, ms));
      return { destroy: () => undefined };
    },
  } as unknown as RelayClient;
  return { access, dialled };
}

test.each([
  ['short', 450, 8],
  ['no short one', 1_000, 16],
  ['long', 2_000, 24],
])('where the way is %s, those that are much to carry for are dialled', async (_, takes, all) => {
  const { access, dialled } = slowDials(takes);
  const stop = new AbortController();
  const meeting = recipientAt(access, { ahead: 8, aheadFar: 24, signal: stop.signal });
  meeting.catch(() => undefined);
  await vi.advanceTimersByTimeAsync(1_800);
  stop.abort(new Error('enough'));
  await expect(meeting).rejects.toThrow('enough');
  expect(dialled).toHaveLength(all);
  expect(new Set(dialled).size).toBe(all);
  // Whatever was still to be dialled.
  await vi.advanceTimersByTimeAsync(60_000);
  expect(dialled).toHaveLength(all);
});

test('no more are dialled where a user wants few', async () => {
  const { access, dialled } = slowDials(2_000);
  const stop = new AbortController();
  const meeting = recipientAt(access, { ahead: 4, aheadFar: 4, signal: stop.signal });
  meeting.catch(() => undefined);
  await vi.advanceTimersByTimeAsync(1_800);
  expect(dialled).toHaveLength(4);
  stop.abort(new Error('enough'));
  await expect(meeting).rejects.toThrow('enough');
});

test('those that are dialled because the others are slow do not tell how long the way is', async () => {
  const { access } = slowDials(2_000);
  const ahead = new DialledAhead({ relay: access, circuits: String });
  ahead.dialIfSlow(0, 4, 500);
  await vi.advanceTimersByTimeAsync(3_000);
  expect(ahead.dialMs).toBeUndefined();
  ahead.release();
});
