import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { endure } from './endurance.js';
import { LoadedFleet } from './loaded-fleet.js';
import { answer, channelName, inParallel, nonce, share } from './meeting.js';
import { measureMeetings } from './meetings.js';
import { meetAgain } from './pair.js';

const USAGE = `npm run load -- [options]
Puts load on relays in processes of their own, on unix sockets where a relay has tor: what a relay
and its store cost, and what several of them carry.
options:
  --meetings N      of two that join, answer, confirm and leave, for each backend in each round (1000)
  --rounds N        of meetings, each setup in turn (5)
  --rate N          meetings that begin in a second, for each backend (20)
  --waiting N       channels that wait, to weigh one (5000)
  --megabytes N     through stapled streams (1000)
  --pairs N         that look for each other while a backend is killed and one is added (1000)
  --at-once N       of pairs, and of channels that are opened to wait (64)
  --only WHAT       meetings, waiting, streams or pairs
  --minutes N       instead of all these: pairs that look for each other for so long, while backends
                    and store are killed; what is held before and afterwards`;

const { values } = parseArgs({
  options: {
    meetings: { type: 'string', default: '1000' },
    rounds: { type: 'string', default: '5' },
    rate: { type: 'string', default: '20' },
    minutes: { type: 'string' },
    waiting: { type: 'string', default: '5000' },
    megabytes: { type: 'string', default: '1000' },
    pairs: { type: 'string', default: '1000' },
    'at-once': { type: 'string', default: '64' },
    only: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

/** Enough for a backend to have work. */
const AT_ONCE = Number(values['at-once']);
// The relays and the store end with this process; its folders are removed on its way out.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

if (values.help) console.log(USAGE);
else if (values.minutes !== undefined) await endure(Number(values.minutes), AT_ONCE);
else {
  const wanted = (what: string): boolean => values.only === undefined || values.only === what;
  console.log(`load of the machine ${loadavg()[0]?.toFixed(1) ?? '?'}`);
  if (wanted('meetings')) {
    const [count, rounds] = [Number(values.meetings), Number(values.rounds)];
    await measureMeetings({ count, rounds, rate: Number(values.rate) });
  }
  if (wanted('waiting')) await weighChannels(Number(values.waiting));
  if (wanted('streams')) await measureStreams(Number(values.megabytes));
  if (wanted('pairs')) await meetThroughChanges(Number(values.pairs));
  console.log(`load of the machine ${loadavg()[0]?.toFixed(1) ?? '?'}`);
}

async function weighChannels(count: number): Promise<void> {
  for (const backends of [0, 2]) {
    await using fleet = await LoadedFleet.start(backends);
    const open = async (): Promise<void> => {
      const client = fleet.client();
      const channel = channelName();
      const { uuid } = await client.join({ role: 'sender', nonce: nonce(), channel });
      for (const attempt of [1, 2, 3]) await client.channel({ channel, uuid, attempt, x: share() });
      await client.close();
    };
    await inParallel(500, AT_ONCE, open);
    const before = await fleet.used();
    await inParallel(count, AT_ONCE, open);
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
  await inParallel(count, AT_ONCE, async (n) => {
    if (n === Math.floor(count / 3)) {
      const [victim] = fleet.backends;
      if (victim !== undefined) changes = changes.then(() => fleet.kill(victim));
    }
    if (n === Math.floor((2 * count) / 3))
      changes = changes.then(async () => {
        await fleet.add();
      });
    try {
      await meetAgain(fleet.client(), fleet.client());
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
