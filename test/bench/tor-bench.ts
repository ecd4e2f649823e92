import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Cleanup } from '../../src/base/cleanup.js';
import type { Link } from '../../src/private-network/options.js';
import { startPrivateNetwork } from '../../src/private-network/start.js';
import { quote } from '../../src/tor/control/quoting.js';
import type { Tor } from '../../src/tor/instance/tor.js';
import { findOrInstallTor } from '../../src/tor/program/install-tor.js';
import type { TorProgram } from '../../src/tor/program/tor-program.js';
import { startTor } from '../support/start-tor.js';
import type { BenchmarkOptions } from './benchmark.js';
import type { SidePrograms } from './processes/start-side.js';
import { LINK_CARRIER, type RunningTor } from './sides/programs.js';

/** A tor of a benchmark's own. */
export interface BenchTor {
  readonly tor: Tor;
  readonly pid: number;
  /** How another process of this user attaches to it. */
  readonly running: RunningTor;
}

/** A private Tor network with a tor for each side. */
export interface TorBench extends AsyncDisposable {
  /** For the sender. */
  readonly service: BenchTor;
  /** For the recipient. */
  readonly client: BenchTor;
  /** All of them are this one. */
  readonly program: TorProgram;
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
  const { directory, delayMs, signal, say } = options;
  const dataDir = join(directory, 'data');
  const program = await findOrInstallTor({ dataDir, signal });
  say(`starting a private Tor network (tor ${program.version}, ${delayMs} ms a link)`);
  const cleanup = new Cleanup();
  try {
    const network = await startPrivateNetwork({
      program,
      directory: join(directory, 'network'),
      signal,
      ...(delayMs > 0 && { carryLinks: (links) => carried(links, options) }),
    });
    cleanup.add(() => network.close());
    const { torrc } = network;
    let started = 0;
    const start = async (): Promise<BenchTor> => {
      const pidFile = join(directory, `tor-${started++}.pid`);
      const lines = `${torrc}PidFile ${quote(pidFile)}\n`;
      const tor = await startTor({ dataDir, torrc: lines, signal });
      cleanup.add(() => tor.close());
      return { tor, pid: Number(await readFile(pidFile, 'utf8')), running: attachTo(tor) };
    };
    const service = await start();
    const client = await start();
    return { service, client, program, torrc, start, [Symbol.asyncDispose]: () => cleanup.run() };
  } catch (error) {
    await cleanup.run();
    throw error;
  }
}

async function carried(
  links: readonly Link[],
  { sides, delayMs }: TorBenchOptions,
): Promise<AsyncDisposable> {
  const carrier = await sides.start(LINK_CARRIER, { links, delayMs });
  await carrier.ready;
  return carrier;
}

function attachTo({ socks }: Tor): RunningTor {
  if (socks.kind !== 'unix') throw new Error('the benchmarks want a system with unix sockets');
  return { control: join(dirname(socks.path), 'control'), socks: socks.path };
}
