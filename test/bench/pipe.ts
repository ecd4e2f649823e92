import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createIdentity } from '../../src/onion/identity.js';
import { formatPassword, generatePassword } from '../../src/pake/password.js';
import type { Benchmark, BenchmarkOptions, BenchmarkResult } from './benchmark.js';
import { rateRatio } from './benchmark.js';
import { parseContent } from './content.js';
import { type SidePrograms, sidePrograms } from './processes/start-side.js';
import { type RandomFile, randomFile } from './random-file.js';
import { GUEST_RECIPIENT, HOST_SENDER, PIPE_RECIPIENT, PIPE_SENDER } from './sides/programs.js';
import { benchDirectory, type Carried, inTurns } from './turns.js';

const CONTENT = parseContent('1G');
const RUNS = 5;
/** Of what a bare pipe carries. */
const REQUIRED = 0.4;
const BARE = 'bare pipe';
const SYNCED = 'bare pipe, synced';
const FERRY = 'onionferry';

/** The library without Tor against a bare pipe between two processes, over unix sockets. */
export const pipe: Benchmark = {
  name: 'pipe',
  about: 'the library without Tor against a bare pipe',
  async *run(options: BenchmarkOptions): AsyncGenerator<BenchmarkResult> {
    const { contents: [{ name, bytes } = CONTENT] = [], runs = RUNS, signal } = options;
    await using directory = await benchDirectory(options.directory);
    await using sides = await sidePrograms(options.profiles);
    const file = await randomFile(join(directory.path, 'file'), bytes, signal);
    const ways = await inTurns(
      [
        { name: BARE, carry: (to) => bare(sides, file, to, false) },
        { name: SYNCED, carry: (to) => bare(sides, file, to, true) },
        { name: FERRY, carry: (to) => ferry(sides, file, to) },
      ],
      { runs, directory: directory.path, title: 'pipe' },
      options,
    );
    yield {
      benchmark: 'pipe',
      content: name,
      bytes,
      directory: directory.parent,
      counted:
        'from the recipient’s first dial until the file is closed (synced and onionferry: on disk, by fsync); onionferry’s key agreement included',
      ways,
      measures: [...rateRatio(ways, FERRY, SYNCED, REQUIRED), ...rateRatio(ways, FERRY, BARE)],
    };
  },
};

async function bare(
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
