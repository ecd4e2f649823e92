import { createHash, randomBytes } from 'node:crypto';
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { createIdentity } from '../../src/onion/identity.js';
import type { RelayClient } from '../../src/relay-protocol/relay-client.js';
import type { ParticipantId } from '../../src/relay-protocol/wire.js';
import { recipientReconnect } from '../../src/session/reconnecting/recipient-reconnect.js';
import { senderReconnect } from '../../src/session/reconnecting/sender-reconnect.js';
import { nodePrimitives } from '../../src/transfer/node-primitives.js';
import { LoadedFleet } from './loaded-fleet.js';

const USAGE = `npm run load -- [options]
Puts load on relays in processes of their own, on unix sockets where a relay has tor: what a relay
and its store cost, and what several of them carry.
options:
  --meetings N      of two that join, answer, confirm and leave, for each backend (3000)
  --waiting N       channels that wait, to weigh one (5000)
  --megabytes N     through stapled streams (1000)
  --pairs N         that look for each other while a backend is killed and one is added (1000)
  --at-once N       of meetings and pairs (64)
  --only WHAT       meetings, waiting, streams or pairs`;

const { values } = parseArgs({
  options: {
    meetings: { type: 'string', default: '3000' },
    waiting: { type: 'string', default: '5000' },
    megabytes: { type: 'string', default: '1000' },
    pairs: { type: 'string', default: '1000' },
    'at-once': { type: 'string', default: '64' },
    only: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

/** Enough for every backend to have work. */
const AT_ONCE = Number(values['at-once']);
/** Bound into what two agree on; nobody is reached there. */
const ONION = createIdentity().address;

const nonce = (): string => randomBytes(16).toString('base64url');
const share = (): string => randomBytes(33).toString('base64url');

// The relays and the store end with this process; its folders are removed on its way out.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

if (values.help) console.log(USAGE);
else {
  const wanted = (what: string): boolean => values.only === undefined || values.only === what;
  console.log(`load of the machine ${loadavg()[0]?.toFixed(1) ?? '?'}`);
  if (wanted('meetings')) await measureMeetings(Number(values.meetings));
  if (wanted('waiting')) await weighChannels(Number(values.waiting));
  if (wanted('streams')) await measureStreams(Number(values.megabytes));
  if (wanted('pairs')) await meetThroughChanges(Number(values.pairs));
  console.log(`load of the machine ${loadavg()[0]?.toFixed(1) ?? '?'}`);
}

interface Answered {
  readonly one: RelayClient;
  readonly other: RelayClient;
  readonly channel: string;
  readonly uuid: ParticipantId;
  readonly far: ParticipantId;
  readonly h_k: string;
}

/** Two participants, each with a client of its own, as two programs have, of whom one has answered. */
async function answer(fleet: LoadedFleet): Promise<Answered> {
  const [one, other] = [fleet.client(), fleet.client()];
  const channel = `${randomBytes(6).toString('hex')}-name`;
  const { uuid } = await one.join({ role: 'sender', nonce: nonce(), channel });
  await one.channel({ channel, uuid, attempt: 1, x: share() });
  const { uuid: far } = await other.join({ role: 'recipient', nonce: nonce(), channel });
  const key = randomBytes(32);
  const h_k = key.toString('base64url');
  const hh_k = createHash('sha256').update(key).digest('base64url');
  await other.channel({ channel, uuid: far, y: share(), hh_k });
  return { one, other, channel, uuid, far, h_k };
}

async function meet(fleet: LoadedFleet): Promise<void> {
  const { one, other, channel, uuid, far, h_k } = await answer(fleet);
  await one.channel({ channel, uuid, attempt: 1, h_k, busy: true });
  await other.channel({ channel, uuid: far });
  await other.channel({ channel, uuid: far, close: true });
  await one.channel({ channel, uuid, close: true });
  await Promise.all([one.close(), other.close()]);
}

async function inParallel(count: number, work: (n: number) => Promise<void>): Promise<void> {
  let begun = 0;
  const one = async (): Promise<void> => {
    while (begun < count) await work(begun++);
  };
  await Promise.all(Array.from({ length: Math.min(count, AT_ONCE) }, one));
}

async function measureMeetings(count: number): Promise<void> {
  let alone = 0;
  for (const backends of [0, 1, 2, 3]) {
    await using fleet = await LoadedFleet.start(backends);
    // What is compiled and opened once is not what a meeting costs.
    const total = count * Math.max(1, backends);
    await inParallel(total / 2, () => meet(fleet));
    const before = await fleet.used();
    const startedAt = performance.now();
    await inParallel(total, () => meet(fleet));
    const seconds = (performance.now() - startedAt) / 1000;
    const after = await fleet.used();
    const each = after.backends.map(({ seconds: s }, n) => s - (before.backends[n]?.seconds ?? 0));
    const store = after.store.seconds - before.store.seconds;
    const all = each.reduce((sum, one) => sum + one, store);
    const perSecond = total / all;
    if (backends === 0) alone = perSecond;
    const who = backends === 0 ? 'one alone, no store' : `${String(backends)} with a store`;
    const times = (Math.max(1, backends) * perSecond) / alone;
    console.log(
      `${who}: ${String(Math.round(perSecond))} meetings for each CPU second, the store's included: ${times.toFixed(2)} times one alone (${String(total)} meetings, ${String(Math.round(total / seconds))} a second here; CPU ${Math.max(...each).toFixed(2)} s of the busiest, ${store.toFixed(2)} s of the store)`,
    );
  }
}

async function weighChannels(count: number): Promise<void> {
  for (const backends of [0, 2]) {
    await using fleet = await LoadedFleet.start(backends);
    const open = async (): Promise<void> => {
      const client = fleet.client();
      const channel = `${randomBytes(6).toString('hex')}-name`;
      const { uuid } = await client.join({ role: 'sender', nonce: nonce(), channel });
      for (const attempt of [1, 2, 3]) await client.channel({ channel, uuid, attempt, x: share() });
      await client.close();
    };
    await inParallel(500, open);
    const before = await fleet.used();
    await inParallel(count, open);
    const after = await fleet.used();
    const bytes =
      sum(after.backends.map((used) => used.bytes)) -
      sum(before.backends.map((used) => used.bytes));
    const seconds =
      sum(after.backends.map((used) => used.seconds)) -
      sum(before.backends.map((used) => used.seconds));
    const store = after.store.bytes - before.store.bytes;
    console.log(
      `${backends === 0 ? 'alone' : `${String(backends)} backends`}: a waiting channel takes ${(bytes / count / 1000).toFixed(1)} kB (and ${String(Math.round(store / count))} bytes of the store), to open it ${((1000 * seconds) / count).toFixed(2)} ms of CPU`,
    );
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}

async function measureStreams(megabytes: number): Promise<void> {
  for (const backends of [0, 3]) {
    await using fleet = await LoadedFleet.start(backends);
    const pairs = 8;
    const ways = await Promise.all(Array.from({ length: pairs }, () => openWay(fleet)));
    const before = await fleet.used();
    const startedAt = performance.now();
    const each = Math.round((megabytes * 1e6) / pairs);
    await Promise.all(ways.map((way) => way.carry(each)));
    const seconds = (performance.now() - startedAt) / 1000;
    const after = await fleet.used();
    const cpu =
      sum(after.backends.map((used) => used.seconds)) -
      sum(before.backends.map((used) => used.seconds));
    console.log(
      `${backends === 0 ? 'alone' : `${String(backends)} backends`}: ${Math.round(megabytes / seconds)} MB/s stapled here, ${Math.round(megabytes / cpu)} MB for each CPU second`,
    );
  }
}

interface CarryingWay {
  carry(bytes: number): Promise<void>;
}

async function openWay(fleet: LoadedFleet): Promise<CarryingWay> {
  const { one, other, channel, uuid, far, h_k } = await answer(fleet);
  const state = await one.channel({ channel, uuid, attempt: 1, h_k });
  const own = state.role === 'sender' ? state.attempts[0]?.participant : undefined;
  if (own === undefined) throw new Error('the relay made no pair');
  const ends = await Promise.all([
    one.openStream({ channel, uuid: own, stream: 0 }),
    other.openStream({ channel, uuid: far, stream: 0 }),
  ]);
  const [from, to] = await Promise.all(ends.map((end) => end.channel));
  if (from === undefined || to === undefined) throw new Error('no stream');
  const block = new Uint8Array(256 * 1024);
  return {
    async carry(bytes): Promise<void> {
      const sending = (async (): Promise<void> => {
        for (let sent = 0; sent < bytes; sent += block.length) await from.write([block]);
        from.end();
      })();
      let got = 0;
      for (let piece = await to.read(); piece !== undefined; piece = await to.read()) {
        got += piece.length;
      }
      await sending;
      if (got < bytes) throw new Error('bytes were lost');
      to.end();
    },
  };
}

/** As two programs meet again, with all their patience: nothing is given up but by the deadline. */
async function meetThroughChanges(count: number): Promise<void> {
  await using fleet = await LoadedFleet.start(3);
  let met = 0;
  const failures = new Map<string, number>();
  const begunAt = performance.now();
  let changes = Promise.resolve();
  await inParallel(count, async (n) => {
    if (n === Math.floor(count / 3)) {
      const [victim] = fleet.backends;
      if (victim !== undefined) changes = changes.then(() => fleet.kill(victim));
    }
    if (n === Math.floor((2 * count) / 3))
      changes = changes.then(async () => {
        await fleet.add();
      });
    try {
      await meetOnce(fleet.client(), fleet.client());
      met++;
    } catch (error) {
      failures.set(String(error), (failures.get(String(error)) ?? 0) + 1);
    }
  });
  await changes;
  const seconds = ((performance.now() - begunAt) / 1000).toFixed(0);
  console.log(
    `${String(met)} of ${String(count)} pairs have met in ${seconds} s, with one of 3 backends killed and one added meanwhile`,
  );
  for (const [failure, times] of failures) console.log(`  ${String(times)} ${failure}`);
  if (met < count) process.exitCode = 1;
}

async function meetOnce(one: RelayClient, other: RelayClient): Promise<void> {
  const common = {
    primitives: nodePrimitives,
    onion: ONION,
    curve: 'p256',
    resumption: new Uint8Array(randomBytes(32)),
    generation: 0,
    establishMs: 20_000,
  } as const;
  const sender = senderReconnect({ relay: one, ...common });
  const recipient = recipientReconnect({ relay: other, ...common, ahead: 1 });
  const signal = AbortSignal.timeout(180_000);
  // As in a transfer, the sender waits for the next meeting as soon as it has one.
  const waiting = (async (): Promise<never> => {
    for (;;) await sender.meet({ signal });
  })();
  try {
    await Promise.race([recipient.meet({ signal }), waiting]);
  } finally {
    await Promise.all([sender.close(), recipient.close()]);
    await waiting.catch(() => undefined);
    await Promise.all([one.close(), other.close()]);
  }
}
