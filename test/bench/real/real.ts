import { mkdir, rm } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import type { NetworkRelay } from '../../../src/private-network/start.js';
import type { Benchmark, BenchmarkOptions, BenchmarkResult, Run, Way } from '../benchmark.js';
import { type PreparedContent, parseContent, prepareContent } from '../content.js';
import { type SidePrograms, sidePrograms } from '../processes/start-side.js';
import { type BenchNetwork, benchNetwork } from '../tor-bench.js';
import { benchDirectory, type Carrier, runOf } from '../turns.js';
import { serveFerry } from '../ways/ferry.js';
import { COUNTED, type Ground } from '../ways/ground.js';
import { serveHttp } from '../ways/http.js';
import { CircuitWatch, pathsBetween } from './drawn-paths.js';
import { mostOver, type Path } from './most-over.js';
import { delayOf, unlikeRelays } from './relays.js';
import { forecast, type RatedRelay, type Spell, seeded, Weather } from './weather.js';

const MB = 1e6;
const CONTENTS = [parseContent('60MB')];
const RUNS = 5;
const WAYS = ['default', 'ranges-16', 'plain'];
const PIECE_BYTES = 512 * 1024;
const CHANGES_EVERY_S = 15;

/** What stays the same through all runs. */
interface Scene {
  readonly options: BenchmarkOptions;
  readonly directory: string;
  readonly sides: SidePrograms;
  readonly network: BenchNetwork;
  readonly relays: readonly RatedRelay[];
}

/** Unlike relays, as volunteers' are; each run draws its own, with tors that know none yet. */
export const real: Benchmark = {
  name: 'real',
  about:
    'ways through relays of unlike rates and delays that come and go, with fresh tors each run',
  async *run(options): AsyncGenerator<BenchmarkResult> {
    const { contents = CONTENTS, signal } = options;
    await using directory = await benchDirectory(options.directory);
    await using sides = await sidePrograms(options.profiles);
    const { path, parent } = directory;
    const { authority, relays } = unlikeRelays(options.weights ?? 'equal');
    await using network = await benchNetwork({
      ...options,
      directory: path,
      sides,
      authority,
      relays,
      guards: 'authorities',
      delayOf,
      about: `${relays.length} unlike relays behind three guards`,
    });
    const rated = ratedRelays(network.relays, [authority, authority, authority, ...relays]);
    const scene = { options, directory: path, sides, network, relays: rated };
    for (const content of contents) {
      const file = await prepareContent(join(path, 'content'), content, signal);
      const ways = await runs(scene, file);
      await rm(file.path);
      const { name, bytes } = content;
      const where = { benchmark: 'real', content: name, bytes, directory: parent };
      yield { ...where, counted: COUNTED, ways, measures: [] };
    }
  },
};

function ratedRelays(
  relays: readonly NetworkRelay[],
  options: readonly { readonly rateBytes?: number }[],
): RatedRelay[] {
  return relays.map((relay, index) => ({
    relay,
    rateBytes: options[index]?.rateBytes ?? Infinity,
    changes: relay.nickname.startsWith('r'),
  }));
}

async function runs(scene: Scene, file: PreparedContent): Promise<Way[]> {
  const { ways: names = WAYS, runs: count = RUNS, signal } = scene.options;
  const ways = names.map((name) => ({ name, runs: new Array<Run>() }));
  for (let run = 0; run < count; run++) {
    signal.throwIfAborted();
    // Each way is first in turn: tors learn with every circuit.
    const order = [...ways.slice(run % ways.length), ...ways.slice(0, run % ways.length)];
    const done = await oneRun(
      scene,
      file,
      run,
      order.map(({ name }) => name),
    );
    for (const way of ways) {
      const found = done.get(way.name);
      if (found !== undefined) way.runs.push(found);
    }
  }
  return ways;
}

/** Every way in turn, through the same two tors, which are new. */
async function oneRun(
  { options, directory, sides, network, relays }: Scene,
  file: PreparedContent,
  run: number,
  names: readonly string[],
): Promise<Map<string, Run>> {
  const { say, signal, changesEvery = CHANGES_EVERY_S } = options;
  const own = join(directory, `run-${run}`);
  await mkdir(own);
  const start = (side: string): ReturnType<BenchNetwork['start']> => network.start(join(own, side));
  await using service = await start('service');
  await using client = await start('client');
  using near = await CircuitWatch.start(service.running);
  using far = await CircuitWatch.start(client.running);
  const tors = { service, client, program: network.program };
  const ground: Ground = { sides, tors, directory: own, signal };
  await using http = await serveHttp(ground, file);
  await using ferry = await serveFerry(ground, file);
  const done = new Map<string, Run>();
  for (const name of names) {
    signal.throwIfAborted();
    const into = join(own, name);
    await mkdir(into);
    const load = loadavg()[0] ?? 0;
    const weather = new Weather(relays);
    const random = seeded(run);
    const changing = relays.filter(({ changes }) => changes).length;
    if (changesEvery > 0) {
      weather.begin(forecast(run, changing, changesEvery), async (probability) => {
        const dying = far.rendezvous.filter(() => random() < probability);
        await Promise.all(dying.map((id) => far.closeCircuit(id)));
      });
    }
    let spells: readonly Spell[] = [];
    try {
      const carried = await carrierNamed(name, http, ferry).carry(into);
      spells = await weather.end();
      const bound = boundOver(spells, pathsBetween(near.drawn, far.drawn));
      done.set(name, { ...runOf(load, carried), bound });
    } finally {
      if (spells.length === 0) await weather.end();
    }
    await rm(into, { recursive: true });
    say(`run ${run + 1}: ${lineOf(name, file.bytes, done.get(name))}`);
  }
  return done;
}

function carrierNamed(
  name: string,
  http: Awaited<ReturnType<typeof serveHttp>>,
  ferry: Awaited<ReturnType<typeof serveFerry>>,
): Carrier {
  if (name === 'default') return ferry.carrier(name);
  if (name === 'plain') return http.carrier(name, 1);
  const [, kind, digits] = /^(ranges|ferry)-(\d+)$/.exec(name) ?? [];
  if (kind === 'ranges') return http.carrier(name, Number(digits), PIECE_BYTES);
  if (kind === 'ferry') return ferry.carrier(name, { circuits: Number(digits) });
  throw new Error(`there is no way ${name}`);
}

/** What the paths carry on average over a time in which rates changed. */
function boundOver(spells: readonly Spell[], paths: readonly Path[]): number {
  const total = spells.reduce((sum, { seconds }) => sum + seconds, 0);
  const carried = spells.map(
    ({ seconds, rates }) => seconds * mostOver(paths, (relay) => rates.get(relay) ?? Infinity),
  );
  return carried.reduce((sum, bytes) => sum + bytes, 0) / total;
}

function lineOf(name: string, bytes: number, run: Run | undefined): string {
  if (run === undefined) return name;
  const { seconds, contentSeconds = seconds, bound = 0, circuits, load } = run;
  const inner = bytes / contentSeconds;
  const rates = [bytes / seconds, inner, bound].map((rate) => (rate / MB).toFixed(2));
  return (
    `${name}: whole ${rates[0]} MB/s, inner ${rates[1]}, bound ${rates[2]} ` +
    `(${(inner / bound).toFixed(2)} of it), ${circuits ?? '?'} circuits, load ${load.toFixed(1)}`
  );
}
