import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createIdentity } from '../../src/onion/identity.js';
import { formatPassword, generatePassword } from '../../src/pake/password.js';
import {
  type Benchmark,
  type BenchmarkOptions,
  type BenchmarkResult,
  medianRate,
  type Run,
  runOf,
  type Way,
} from './benchmark.js';
import { type SidePrograms, sidePrograms } from './processes/start-side.js';
import { type RandomFile, randomFile } from './random-file.js';
import { GUEST_RECIPIENT, HOST_SENDER, PIPE_RECIPIENT, PIPE_SENDER } from './sides/programs.js';

const BYTES = 1024 ** 3;
const RUNS = 5;
/** Of what a bare pipe carries. */
const REQUIRED = 0.4;

interface Trip {
  readonly sides: SidePrograms;
  readonly file: RandomFile;
  /** New and empty: for sockets, and for what arrives. */
  readonly directory: string;
}

/** The library without Tor against a bare pipe between two processes, over unix sockets. */
export const loopback: Benchmark = {
  name: 'loopback',
  async run(options: BenchmarkOptions): Promise<BenchmarkResult> {
    const { bytes = BYTES, runs = RUNS, signal, say } = options;
    const parent = options.directory ?? tmpdir();
    const directory = await mkdtemp(join(parent, 'onionferry-bench-'));
    try {
      await using sides = await sidePrograms(options.profiles);
      const file = await randomFile(join(directory, 'file'), bytes, signal);
      const ways: { name: string; runs: Run[]; carry: (trip: Trip) => Promise<Run> }[] = [
        { name: 'bare pipe', runs: [], carry: (trip) => pipe(trip, false) },
        { name: 'bare pipe, synced', runs: [], carry: (trip) => pipe(trip, true) },
        { name: 'onionferry', runs: [], carry: ferry },
      ];
      for (let run = 0; run < runs; run++) {
        for (const way of ways) {
          signal.throwIfAborted();
          say(`loopback: ${way.name}, run ${run + 1} of ${runs}`);
          const scratch = join(directory, 'run');
          await mkdir(scratch);
          way.runs.push(await way.carry({ sides, file, directory: scratch }));
          // What is gone is not written to the disk during the next run.
          await rm(scratch, { recursive: true });
        }
      }
      return resultOf(ways, bytes, parent);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  },
};

function resultOf(ways: readonly Way[], bytes: number, directory: string): BenchmarkResult {
  const rate = (name: string): number => {
    const way = ways.find((other) => other.name === name);
    return way === undefined ? Number.NaN : medianRate(bytes, way);
  };
  const against = (other: string): number => rate('onionferry') / rate(other);
  return {
    benchmark: 'loopback',
    bytes,
    directory,
    counted:
      'from the recipient’s first dial until the file is closed; “synced” and onionferry: until it is on disk (fsync); onionferry’s key agreement included',
    ways: ways.map(({ name, runs }) => ({ name, runs })),
    ratios: [
      {
        name: 'onionferry / bare pipe, synced',
        value: against('bare pipe, synced'),
        required: REQUIRED,
      },
      { name: 'onionferry / bare pipe', value: against('bare pipe') },
    ],
  };
}

async function pipe({ sides, file, directory }: Trip, sync: boolean): Promise<Run> {
  const load = loadavg()[0] ?? 0;
  const { bytes } = file;
  const socket = join(directory, 'socket');
  await using sender = await sides.start(PIPE_SENDER, { file: file.path, bytes, socket });
  await sender.ready;
  const received = join(directory, 'received');
  await using recipient = await sides.start(PIPE_RECIPIENT, {
    socket,
    file: received,
    bytes,
    sync,
  });
  const [sent, got] = await Promise.all([sender.report, recipient.report]);
  if ((await stat(received)).size !== bytes) throw new Error('the pipe lost something');
  return runOf(load, sent, got);
}

async function ferry({ sides, file, directory }: Trip): Promise<Run> {
  const load = loadavg()[0] ?? 0;
  const { bytes } = file;
  const meeting = {
    bytes,
    onion: createIdentity().address,
    password: formatPassword(generatePassword()),
  };
  await using sender = await sides.start(HOST_SENDER, { ...meeting, file: file.path, directory });
  const relay = await sender.ready;
  await using recipient = await sides.start(GUEST_RECIPIENT, { ...meeting, relay, directory });
  const [sent, got] = await Promise.all([sender.report, recipient.report]);
  if (got.sha256 !== file.sha256) throw new Error('what arrived is not what was sent');
  return runOf(load, sent, got);
}
