import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Benchmark, type BenchmarkResult, firstByteRatio } from './benchmark.js';
import { parseContent, prepareContent } from './content.js';
import { sidePrograms } from './processes/start-side.js';
import { torBench } from './tor-bench.js';
import { benchDirectory, type Carrier, inTurns } from './turns.js';
import { serveFerry } from './ways/ferry.js';
import type { Ground } from './ways/ground.js';
import { serveHttp } from './ways/http.js';

/** Nearly nothing: only the beginning counts. */
const CONTENT = parseContent('1kB');
const RUNS = 15;
const DELAY_MS = 40;
/** Of what plain HTTP needs. */
const ALLOWED = 1.35;
/** tor obeys NEWNYM at most once in 10 s; in that time it also builds new spare circuits. */
const FORGET_MS = 12_000;
const HTTP = 'plain HTTP';
const FERRY = 'onionferry';

/** How soon the manifest comes after `receive`, when the sender's descriptor is not known yet. */
export const firstByte: Benchmark = {
  name: 'first-byte',
  about: 'from receive to the manifest, against one plain request, with 40 ms a link',
  async *run(options): AsyncGenerator<BenchmarkResult> {
    const { contents: [content = CONTENT] = [], runs = RUNS, delayMs = DELAY_MS, signal } = options;
    await using directory = await benchDirectory(options.directory);
    await using sides = await sidePrograms(options.profiles);
    const { path, parent } = directory;
    const file = await prepareContent(join(path, 'file'), content, signal);
    await using tors = await torBench({ ...options, directory: path, sides, delayMs });
    const ground = { sides, tors, directory: path, signal };
    await using http = await serveHttp(ground, file);
    await using ferry = await serveFerry(ground, file);
    const carriers = [http.carrier(HTTP, 1), ferry.carrier(FERRY)];
    const ways = await inTurns(
      carriers.map((carrier) => afterForgetting(ground, carrier)),
      { runs, directory: path, title: 'first-byte' },
      options,
    );
    yield {
      benchmark: 'first-byte',
      content: content.name,
      bytes: content.bytes,
      directory: parent,
      counted:
        'from before the recipient’s first dial, with tor bootstrapped, but the descriptor not known and no circuit used before (NEWNYM); first byte: of the response, or of the manifest',
      ways,
      measures: firstByteRatio(ways, FERRY, HTTP, ALLOWED),
    };
  },
};

function afterForgetting({ tors, signal }: Ground, { name, carry }: Carrier): Carrier {
  return {
    name,
    async carry(into) {
      await tors.client.tor.newCircuits();
      await sleep(FORGET_MS, undefined, { signal });
      return await carry(into);
    },
  };
}
