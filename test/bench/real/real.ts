import { mkdir, rm } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import type { NetworkRelay } from '../../../src/private-network/start.js';
import {
  type Benchmark,
  type BenchmarkOptions,
  type BenchmarkResult,
  innerRate,
  type Run,
  type Way,
} from '../benchmark.js';
import { type PreparedContent, parseContent, prepareContent } from '../content.js';
import { type SidePrograms, sidePrograms } from '../processes/start-side.js';
import { type BenchNetwork, type BenchTor, benchNetwork } from '../tor-bench.js';
import { benchDirectory, runOf } from '../turns.js';
import { COUNTED, type Ground } from '../ways/ground.js';
import { availableWays, DEFAULT, ONIONSHARE, PLAIN, serveNamed, TORGET } from '../ways/named.js';
import { torgetTorrc } from '../ways/torget.js';
import { CircuitWatch, type Drawn, pathsBetween } from './drawn-paths.js';
import { measuresOf } from './measures.js';
import { mostOver, type Path } from './most-over.js';
import { unlikeNetwork } from './relays.js';
import { CircuitTrace, type TorSide, type TracedRun } from './trace.js';
import { forecast, type RatedRelay, type Spell, seeded, Weather } from './weather.js';

const MB = 1e6;
const CONTENTS = [parseContent('60MB')];
const RUNS = 5;
const QUEUE = 'ranges-16';
const WAYS = [DEFAULT, QUEUE, PLAIN, TORGET, ONIONSHARE];
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
    const unlike = unlikeNetwork(options.weights ?? 'equal');
    const { authority, relays } = unlike;
    await using network = await benchNetwork({ ...options, ...unlike, directory: path, sides });
    const rated = ratedRelays(network.relays, [authority, authority, authority, ...relays]);
    const scene = { options, directory: path, sides, network, relays: rated };
    for (const content of contents) {
      const file = await prepareContent(join(path, 'content'), content, signal);
      const ways = await runs(scene, file);
      await rm(file.path);
      const { name, bytes } = content;
      const where = { benchmark: 'real', content: name, bytes, directory: parent };
      yield { ...where, counted: COUNTED, ways, measures: measuresOf(ways, bytes, QUEUE) };
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
  const { runs: count = RUNS, signal } = scene.options;
  const ways = availableWays(scene.options.ways ?? WAYS).map((name) => ({
    name,
    runs: new Array<Run>(),
    failed: 0,
  }));
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
      if (found === undefined) way.failed += 1;
      else way.runs.push(found);
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
  await using service = await network.start(join(own, 'service'));
  await using client = await network.start(join(own, 'client'), torgetTorrc());
  using near = await CircuitWatch.start(service.running);
  using far = await CircuitWatch.start(client.running);
  using trace = await traceOf(options, run, relays, { sender: service, recipient: client });
  const tors = { service, client, program: network.program };
  const ground: Ground = { sides, tors, directory: own, signal };
  await using named = await serveNamed(ground, file, names, PIECE_BYTES);
  const done = new Map<string, Run>();
  for (const { name, carry } of named.carriers) {
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
    let spells: readonly Spell[] | undefined;
    try {
      trace?.note({ event: 'begin', name });
      const carried = await carry(into);
      spells = await weather.end();
      const bound = boundOver(spells, pathsBetween(near.drawn, far.drawn));
      const did = { ...runOf(load, carried), bound };
      done.set(name, did);
      trace?.note({ event: 'end', name, done: traced(file.bytes, did, spells) });
    } catch (error) {
      signal.throwIfAborted();
      // The other runs are worth having; the table says how many failed.
      say(`run ${run + 1}, ${name} failed: ${String(error)}`);
    } finally {
      if (spells === undefined) await weather.end();
    }
    await rm(into, { recursive: true });
    const did = done.get(name);
    if (did !== undefined) say(`run ${run + 1}, ${lineOf(name, file.bytes, did)}`);
  }
  say(`run ${run + 1} drew for the sender ${nameDrawn(near.drawn, relays)}`);
  say(`run ${run + 1} drew for the recipient ${nameDrawn(far.drawn, relays)}`);
  return done;
}

async function traceOf(
  { trace: directory }: BenchmarkOptions,
  run: number,
  relays: readonly RatedRelay[],
  tors: Readonly<Record<TorSide, BenchTor>>,
): Promise<CircuitTrace | undefined> {
  if (directory === undefined) return undefined;
  const trace = new CircuitTrace(join(directory, `run-${run + 1}.jsonl`));
  trace.note({
    event: 'relays',
    relays: relays.map(({ relay: { nickname, fingerprint }, rateBytes }) => ({
      nickname,
      fingerprint,
      rateBytes,
    })),
  });
  for (const side of ['sender', 'recipient'] as const) await trace.follow(side, tors[side].running);
  return trace;
}

function traced(bytes: number, run: Run, spells: readonly Spell[]): TracedRun {
  return {
    ...{ bytes, seconds: run.seconds, innerRate: innerRate(bytes, run), bound: run.bound ?? NaN },
    spells: spells.map(({ seconds, rates }) => ({ seconds, rates: Object.fromEntries(rates) })),
  };
}

/** What the paths carry on average over a time in which rates changed. */
function boundOver(spells: readonly Spell[], paths: readonly Path[]): number {
  const total = spells.reduce((sum, { seconds }) => sum + seconds, 0);
  const carried = spells.map(
    ({ seconds, rates }) => seconds * mostOver(paths, (relay) => rates.get(relay) ?? Infinity),
  );
  return carried.reduce((sum, bytes) => sum + bytes, 0) / total;
}

function lineOf(name: string, bytes: number, run: Run): string {
  const { seconds, bound = 0, circuits, load } = run;
  const inner = innerRate(bytes, run);
  const rates = [bytes / seconds, inner, bound].map((rate) => (rate / MB).toFixed(2));
  return (
    `${name}: whole ${rates[0]} MB/s, inner ${rates[1]}, bound ${rates[2]} ` +
    `(${(inner / bound).toFixed(2)} of it), ${circuits ?? '?'} circuits, load ${load.toFixed(1)}`
  );
}

/** The relays by name, with their rates in kB/s. */
function nameDrawn({ guards, seconds }: Drawn, relays: readonly RatedRelay[]): string {
  const name = (fingerprint: string): string => {
    const found = relays.find(({ relay }) => relay.fingerprint === fingerprint);
    return `${found?.relay.nickname ?? fingerprint} (${(found?.rateBytes ?? NaN) / 1000})`;
  };
  return `${guards.map(name).join(', ')} and ${seconds.map(name).join(', ')}`;
}
