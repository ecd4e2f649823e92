import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createIdentity } from '../../src/onion/identity.js';
import { formatPassword, generatePassword } from '../../src/pake/password.js';
import type { Benchmark, BenchmarkOptions, BenchmarkResult } from './benchmark.js';
import { ratioOf } from './benchmark.js';
import { type SidePrograms, sidePrograms } from './processes/start-side.js';
import { type RandomFile, randomFile } from './random-file.js';
import { GUEST_RECIPIENT, HOST_SENDER, PIPE_RECIPIENT, PIPE_SENDER } from './sides/programs.js';
import { benchDirectory, type Carried, inTurns } from './turns.js';

const BYTES = 1024 ** 3;
const RUNS = 5;
/** Of what a bare pipe carries. */
const REQUIRED = 0.4;
const PIPE = 'bare pipe';
const SYNCED = 'bare pipe, synced';
const FERRY = 'onionferry';

/** The library without Tor against a bare pipe between two processes, over unix sockets. */
export const loopback: Benchmark = {
  name: 'loopback',
  async run(options: BenchmarkOptions): Promise<BenchmarkResult> {
    const { bytes = BYTES, runs = RUNS, signal } = options;
    await using directory = await benchDirectory(options.directory);
    await using sides = await sidePrograms(options.profiles);
    const file = await randomFile(join(directory.path, 'file'), bytes, signal);
    const ways = await inTurns(
      [
        { name: PIPE, carry: (to) => pipe(sides, file, to, false) },
        { name: SYNCED, carry: (to) => pipe(sides, file, to, true) },
        { name: FERRY, carry: (to) => ferry(sides, file, to) },
      ],
      { runs, directory: directory.path, benchmark: 'loopback' },
      options,
    );
    return {
      benchmark: 'loopback',
      bytes,
      directory: directory.parent,
      counted:
        'from the recipient’s first dial until the file is closed (synced and onionferry: on disk, by fsync); onionferry’s key agreement included',
      ways,
      ratios: [ratioOf(ways, FERRY, SYNCED, REQUIRED), ratioOf(ways, FERRY, PIPE)],
    };
  },
};

async function pipe(
  sides: SidePrograms,
  file: RandomFile,
  directory: string,
  sync: boolean,
): Promise<Carried> {
  const { path, bytes } = file;
  const socket = join(directory, 'socket');
  await using sender = await sides.start(PIPE_SENDER, { file: path, bytes, socket });
  await sender.ready;
  const received = join(directory, 'received');
  const options = { socket, file: received, bytes, sync };
  await using recipient = await sides.start(PIPE_RECIPIENT, options);
  const [sent, got] = await Promise.all([sender.report, recipient.report]);
  if ((await stat(received)).size !== bytes) throw new Error('the pipe lost something');
  return { sender: sent, recipient: got };
}

async function ferry(
  sides: SidePrograms,
  { path, bytes, sha256 }: RandomFile,
  directory: string,
): Promise<Carried> {
  const onion = createIdentity().address;
  const meeting = { bytes, onion, password: formatPassword(generatePassword()) };
  await using sender = await sides.start(HOST_SENDER, { ...meeting, file: path, directory });
  const relay = await sender.ready;
  await using recipient = await sides.start(GUEST_RECIPIENT, { ...meeting, relay, directory });
  const [sent, got] = await Promise.all([sender.report, recipient.report]);
  if (got.sha256 !== sha256) throw new Error('what arrived is not what was sent');
  return { sender: sent, recipient: got };
}
