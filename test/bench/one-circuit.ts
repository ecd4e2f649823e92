import { randomUUID } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { OnionAddress } from '../../src/onion/address.js';
import { createIdentity } from '../../src/onion/identity.js';
import { parseInvitation } from '../../src/pake/invitation.js';
import { dialOnion } from '../../src/tor/dial-onion.js';
import type { Tor } from '../../src/tor/tor.js';
import { type Benchmark, type BenchmarkResult, ratioOf } from './benchmark.js';
import { type Side, type SidePrograms, sidePrograms } from './processes/start-side.js';
import { type RandomFile, randomFile } from './random-file.js';
import { FERRY_RECIPIENT, FERRY_SENDER, HTTP_CLIENT, HTTP_SERVER } from './sides/programs.js';
import { attachTo, onPrivateNetwork } from './tor-bench.js';
import { benchDirectory, type Carried, inTurns } from './turns.js';

const BYTES = 50 * 1024 ** 2;
const RUNS = 9;
/** Of what a plain HTTP download carries. */
const REQUIRED = 0.9;
const HTTP = 'plain HTTP';
const FERRY = 'onionferry';

interface Recipient {
  readonly sides: SidePrograms;
  readonly client: Tor;
  readonly file: RandomFile;
}

/** One stream against a plain HTTP download, through one circuit each of the same private network. */
export const oneCircuit: Benchmark = {
  name: 'one-circuit',
  async run(options): Promise<BenchmarkResult> {
    const { bytes = BYTES, runs = RUNS, signal } = options;
    await using directory = await benchDirectory(options.directory);
    await using sides = await sidePrograms(options.profiles);
    const file = await randomFile(join(directory.path, 'file'), bytes, signal);
    const ways = await onPrivateNetwork(directory.path, options, async ({ service, client }) => {
      const socket = join(directory.path, 'http');
      const served = { file: file.path, bytes, socket };
      await using server = await sides.start(HTTP_SERVER, served);
      const offered = { file: file.path, bytes, tor: attachTo(service), dataDir: directory.path };
      await using sender = await sides.start(FERRY_SENDER, offered);
      const [unix, invitation] = await Promise.all([server.ready, sender.ready]);
      const { onion } = await service.publish({
        identity: createIdentity(),
        ports: [{ virtual: 80, target: { unix } }],
        signal,
      });
      // Both descriptors are fetched ahead.
      for (const address of [onion, parseInvitation(invitation).onion])
        await reach(client, address);
      const to = { sides, client, file };
      return await inTurns(
        [
          { name: HTTP, carry: (into) => download(to, server, onion, into) },
          { name: FERRY, carry: (into) => receive(to, sender, invitation, into) },
        ],
        { runs, directory: directory.path, benchmark: 'one-circuit' },
        options,
      );
    });
    return {
      benchmark: 'one-circuit',
      bytes,
      directory: directory.parent,
      counted:
        'from before the recipient’s first dial (a fresh circuit each run, the descriptor known) until the file is on disk (fsync); onionferry’s attaching to the running tor, its key agreement and receipt included',
      ways,
      ratios: [ratioOf(ways, FERRY, HTTP, REQUIRED)],
    };
  },
};

async function reach({ socks }: Tor, onion: OnionAddress): Promise<void> {
  const socket = await dialOnion({ socks, onion, port: 80, isolation: randomUUID() });
  socket.destroy();
}

async function download(
  { sides, client, file: { bytes } }: Recipient,
  server: Side,
  onion: OnionAddress,
  directory: string,
): Promise<Carried> {
  const file = join(directory, 'received');
  const options = { socks: client.socks, onion, isolation: randomUUID(), file, bytes };
  await using recipient = await sides.start(HTTP_CLIENT, options);
  const got = await recipient.report;
  if ((await stat(file)).size !== bytes) throw new Error('the download lost something');
  return { sender: await server.reportSoFar(), recipient: got };
}

async function receive(
  { sides, client, file: { bytes, sha256 } }: Recipient,
  sender: Side,
  invitation: string,
  directory: string,
): Promise<Carried> {
  const options = { invitation, tor: attachTo(client), dataDir: directory, directory, bytes };
  await using recipient = await sides.start(FERRY_RECIPIENT, options);
  const got = await recipient.report;
  if (got.sha256 !== sha256) throw new Error('what arrived is not what was sent');
  return { sender: await sender.reportSoFar(), recipient: got };
}
