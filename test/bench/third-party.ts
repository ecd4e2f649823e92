import { join } from 'node:path';
import { parseOnionAddress } from '../../src/onion/address.js';
import { type Benchmark, type BenchmarkResult, rateRatio } from './benchmark.js';
import { type PreparedContent, parseContent, prepareContent } from './content.js';
import { sidePrograms } from './processes/start-side.js';
import { FERRY_RELAY, FERRY_SENDER } from './sides/programs.js';
import { torBench } from './tor-bench.js';
import { benchDirectory, type Carried, type Carrier, inTurns } from './turns.js';
import { receive } from './ways/ferry.js';
import { COUNTED, type Ground, reach } from './ways/ground.js';

const CONTENT = parseContent('100MB');
const RUNS = 5;
const WAYS = ['ferry-1', 'ferry-8', 'default'];
/** Times the rate of a single stream. */
const REQUIRED = 4;

/** Both ends behind Tor, on another's relay: one stream against several. */
export const thirdParty: Benchmark = {
  name: 'relay',
  about: 'one stream and several by way of a third party’s relay',
  async *run(options): AsyncGenerator<BenchmarkResult> {
    const { contents: [content = CONTENT] = [], runs = RUNS, delayMs = 0, signal } = options;
    await using directory = await benchDirectory(options.directory);
    await using sides = await sidePrograms(options.profiles);
    const { path, parent } = directory;
    const file = await prepareContent(join(path, 'file'), content, signal);
    await using tors = await torBench({ ...options, directory: path, sides, delayMs });
    const ground = { sides, tors, directory: path, signal };
    const relayTor = await tors.start();
    await using relay = await sides.start(FERRY_RELAY, { tor: relayTor.running, dataDir: path });
    const [onion = '', password = ''] = (await relay.ready).split(' ');
    await reach(ground, parseOnionAddress(onion));
    const carriers = (options.ways ?? WAYS).map((name) =>
      byRelay(name, ground, { onion, password }, file),
    );
    const others = {
      'tor send': tors.service.pid,
      'tor recv': tors.client.pid,
      'tor relay': relayTor.pid,
    };
    const ways = await inTurns(
      carriers,
      { runs, directory: path, title: 'relay', others },
      options,
    );
    yield {
      benchmark: 'relay',
      content: content.name,
      bytes: content.bytes,
      directory: parent,
      counted: COUNTED,
      ways,
      measures: [
        ...rateRatio(ways, 'ferry-8', 'ferry-1', REQUIRED),
        ...rateRatio(ways, 'default', 'ferry-1'),
      ],
    };
  },
};

/** Each recipient has an invitation of its own there, so each run has a sender of its own. */
function byRelay(
  name: string,
  ground: Ground,
  relay: { readonly onion: string; readonly password: string },
  content: PreparedContent,
): Carrier {
  const digits = /^ferry-(\d+)$/.exec(name)?.[1];
  if (digits === undefined && name !== 'default') throw new Error(`there is no way ${name}`);
  const circuits = digits === undefined ? undefined : Number(digits);
  return {
    name,
    async carry(into): Promise<Carried> {
      const { sides, tors, directory } = ground;
      const { path, bytes } = content;
      const tor = tors.service.running;
      const offered = { path, bytes, tor, dataDir: directory, circuits, relay };
      await using sender = await sides.start(FERRY_SENDER, offered);
      const invitation = await sender.ready;
      await sender.reportSoFar();
      const recipient = await receive(ground, content, { invitation, into, circuits });
      return { sender: await sender.reportSoFar(), recipient };
    },
  };
}
