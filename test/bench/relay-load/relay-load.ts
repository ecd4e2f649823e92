import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_RELAY_LIMITS } from '../../../src/relay/limits.js';
import type { Benchmark, BenchmarkResult } from '../benchmark.js';
import type { Answered } from './garbage.js';
import type { Told } from './loaded-relay.js';
import { Client, CREDENTIALS, nonce } from './requests.js';

const RELAY = join(import.meta.dirname, 'loaded-relay.ts');
const GARBAGE = join(import.meta.dirname, 'garbage.ts');
const GARBAGE_PER_SECOND = 2_000;
const POLLS = 200;
/** Until the garbage comes as fast as it is to come */
const WARM_MS = 2_000;
const IDLE_MAX_MB = 300;
const P95_MAX_MS = 250;
const POLL_MS = 50_000;
const HONEST_CIRCUIT = 0x5000;

/** A relay with as many channels as it has room for, and one that is asked for nonsense. */
export const relayLoad: Benchmark = {
  name: 'relay-load',
  about: 'memory of a full relay, and an honest long poll among garbage, without Tor',
  async *run({ say }): AsyncGenerator<BenchmarkResult> {
    const directory = await mkdtemp(join(tmpdir(), 'onionferry-load-'));
    const relay = start(RELAY, [directory, CREDENTIALS.user, CREDENTIALS.password]);
    try {
      await once(relay, 'message');
      const socketPath = join(directory, 'http');
      const quiet = await pollTimes(socketPath);
      const garbage = start(GARBAGE, [socketPath, String(GARBAGE_PER_SECOND)]);
      const pelted = await pollAmongGarbage(garbage, relay, socketPath);
      say(`opening ${DEFAULT_RELAY_LIMITS.channels} channels`);
      await fill(socketPath);
      const { rssBytes } = await askOf(relay);
      yield {
        benchmark: this.name,
        ...{ content: 'nothing', bytes: 0, directory },
        counted: 'from a recipient’s join to the end of its sender’s long poll',
        ways: [],
        measures: [
          { name: 'long poll, p95, quiet', value: p95(quiet), unit: 'ms' },
          { name: 'garbage answered', value: pelted.answeredPerSecond, unit: '/s' },
          { name: 'CPU for it', value: pelted.load, unit: 'of a core' },
          { name: 'long poll, p95', value: p95(pelted.times), unit: 'ms', allowed: P95_MAX_MS },
          { name: 'full relay', value: rssBytes / 1e6, unit: 'MB', allowed: IDLE_MAX_MB },
        ],
      };
    } finally {
      await ended(relay);
      await rm(directory, { recursive: true, force: true });
    }
  },
};

interface Pelted {
  readonly times: readonly number[];
  readonly answeredPerSecond: number;
  readonly load: number;
}

async function pollAmongGarbage(
  garbage: ChildProcess,
  relay: ChildProcess,
  socketPath: string,
): Promise<Pelted> {
  let answered = 0;
  // Written by garbage.ts.
  garbage.on('message', (count) => {
    answered = count as Answered;
  });
  try {
    await new Promise((resolve) => setTimeout(resolve, WARM_MS));
    const [before, answeredBefore, startedAt] = [await askOf(relay), answered, performance.now()];
    const times = await pollTimes(socketPath);
    const seconds = (performance.now() - startedAt) / 1000;
    const after = await askOf(relay);
    return {
      times,
      answeredPerSecond: (answered - answeredBefore) / seconds,
      load: (after.cpuSeconds - before.cpuSeconds) / seconds,
    };
  } finally {
    await ended(garbage);
  }
}

/** How long it takes to hear, by a long poll, of recipients that join: milliseconds of each. */
async function pollTimes(socketPath: string): Promise<number[]> {
  const sender = new Client(socketPath, HONEST_CIRCUIT);
  const times: number[] = [];
  try {
    const { body } = await sender.post('/join', { role: 'sender', nonce: nonce() });
    const { channel, uuid } = body;
    for (let attempt = 1; attempt <= POLLS; attempt++) {
      const posted = await sender.post('/channel', { channel, uuid, attempt, x: 'AAAA' });
      const since = Number(posted.body['revision']);
      const poll = sender.post('/channel', { channel, uuid, since, wait: POLL_MS });
      // Another one each time.
      const recipient = new Client(socketPath, HONEST_CIRCUIT + attempt);
      const startedAt = performance.now();
      const joined = await recipient.post('/join', { role: 'recipient', channel, nonce: nonce() });
      await poll;
      times.push(performance.now() - startedAt);
      await recipient.post('/channel', { channel, uuid: joined.body['uuid'], close: true });
      recipient.close();
    }
    await sender.post('/channel', { channel, uuid, close: true });
    return times;
  } finally {
    sender.close();
  }
}

/** Opens all channels that there may be. @throws Error if one is refused */
async function fill(socketPath: string): Promise<void> {
  const { channels, channelsPerCircuit } = DEFAULT_RELAY_LIMITS;
  let open = 0;
  for (let circuit = 1; open < channels; circuit++) {
    const client = new Client(socketPath, circuit);
    for (let n = 0; n < channelsPerCircuit && open < channels; n++, open++) {
      const { status } = await client.post('/join', { role: 'sender', nonce: nonce() });
      if (status !== 200) throw new Error(`channel ${open} was refused (${status})`);
    }
    client.close();
  }
}

function start(file: string, args: readonly string[]): ChildProcess {
  return fork(file, args, { execArgv: ['--import', 'tsx'] });
}

async function askOf(relay: ChildProcess): Promise<Told> {
  const told = once(relay, 'message');
  relay.send('tell');
  // Written by loaded-relay.ts.
  return (await told)[0] as Told;
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const exit = once(child, 'exit');
  if (child.connected) child.disconnect();
  await exit;
}

function p95(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.95)] ?? Number.NaN;
}
