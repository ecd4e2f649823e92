import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Cleanup } from '../../src/base/cleanup.js';
import type { Link, PrivateNetworkOptions } from '../../src/private-network/options.js';
import { type NetworkRelay, startPrivateNetwork } from '../../src/private-network/start.js';
import { quote } from '../../src/tor/control/quoting.js';
import type { Tor } from '../../src/tor/instance/tor.js';
import { findOrInstallTor } from '../../src/tor/program/install-tor.js';
import type { TorProgram } from '../../src/tor/program/tor-program.js';
import { startTor } from '../support/start-tor.js';
import type { BenchmarkOptions } from './benchmark.js';
import type { SidePrograms } from './processes/start-side.js';
import { LINK_CARRIER, type RunningTor } from './sides/programs.js';
import { torgetTorrc } from './ways/torget.js';

/** A tor of a benchmark's own. */
export interface BenchTor extends AsyncDisposable {
  readonly tor: Tor;
  readonly pid: number;
  /** How another process of this user attaches to it. */
  readonly running: RunningTor;
}

/** A tor for each side. */
export interface TorPair {
  /** For the sender. */
  readonly service: BenchTor;
  /** For the recipient. */
  readonly client: BenchTor;
  /** All of them are this one. */
  readonly program: TorProgram;
}

/** A private Tor network with a tor for each side. */
export interface TorBench extends TorPair, AsyncDisposable {
  /** Lines for the torrc of another client. */
  readonly torrc: string;
  /** One more, until the end. */
  start(): Promise<BenchTor>;
}

/** Every benchmark on a private Tor network needs these. */
export interface TorBenchOptions extends Pick<BenchmarkOptions, 'signal' | 'say'> {
  readonly directory: string;
  readonly sides: SidePrograms;
  /** Of each link, one way. */
  readonly delayMs: number;
}

export async function torBench(options: TorBenchOptions): Promise<TorBench> {
  const { delayMs } = options;
  const network = await benchNetwork({
    ...options,
    about: `${delayMs} ms a link`,
    ...(delayMs > 0 && { delayOf: () => delayMs }),
  });
  const { program, torrc } = network;
  try {
    const service = await network.start();
    const client = await network.start(undefined, torgetTorrc());
    const end = async (): Promise<void> => network[Symbol.asyncDispose]();
    const start = (): Promise<BenchTor> => network.start();
    return { service, client, program, torrc, start, [Symbol.asyncDispose]: end };
  } catch (error) {
    await network[Symbol.asyncDispose]();
    throw error;
  }
}

/** A private Tor network without clients yet. */
export interface BenchNetwork extends AsyncDisposable {
  readonly program: TorProgram;
  readonly torrc: string;
  readonly relays: readonly NetworkRelay[];
  /**
   * Starts a client, which ends with the network unless before.
   *
   * @param dataDir where it finds, and leaves, its guards; default one for all
   * @param lines more for its torrc
   */
  start(dataDir?: string, lines?: string): Promise<BenchTor>;
}

interface BenchNetworkOptions
  extends Omit<TorBenchOptions, 'delayMs'>,
    Pick<PrivateNetworkOptions, 'relays' | 'authority' | 'guards'> {
  readonly about: string;
  /** In milliseconds, one way; without it, nothing carries the links. */
  readonly delayOf?: (link: Link) => number;
}

export async function benchNetwork(options: BenchNetworkOptions): Promise<BenchNetwork> {
  const { directory, sides, delayOf, signal, say, about, ...network } = options;
  const program = await findOrInstallTor({ dataDir: join(directory, 'data'), signal });
  say(`starting a private Tor network (tor ${program.version}, ${about})`);
  const cleanup = new Cleanup();
  const up = await startPrivateNetwork({
    ...network,
    program,
    directory: join(directory, 'network'),
    signal,
    ...(delayOf !== undefined && { carryLinks: (links) => carried(links, sides, delayOf) }),
  });
  cleanup.add(() => up.close());
  let started = 0;
  return {
    program,
    torrc: up.torrc,
    relays: up.relays,
    async start(dataDir = join(directory, 'data'), lines = ''): Promise<BenchTor> {
      const pidFile = join(directory, `tor-${started++}.pid`);
      const torrc = `${up.torrc}PidFile ${quote(pidFile)}\n${lines}`;
      const tor = await startTor({ dataDir, found: program, torrc, signal });
      cleanup.add(() => tor.close());
      const pid = Number(await readFile(pidFile, 'utf8'));
      return { tor, pid, running: attachTo(tor), [Symbol.asyncDispose]: () => tor.close() };
    },
    [Symbol.asyncDispose]: () => cleanup.run(),
  };
}

async function carried(
  links: readonly Link[],
  sides: SidePrograms,
  delayOf: (link: Link) => number,
): Promise<AsyncDisposable> {
  const delayed = links.map((link) => ({ ...link, delayMs: delayOf(link) }));
  const carrier = await sides.start(LINK_CARRIER, { links: delayed });
  await carrier.ready;
  return carrier;
}

function attachTo({ socks }: Tor): RunningTor {
  if (socks.kind !== 'unix') throw new Error('the benchmarks want a system with unix sockets');
  return { control: join(dirname(socks.path), 'control'), socks: socks.path };
}
