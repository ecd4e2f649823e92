import { dirname, join } from 'node:path';
import { startPrivateNetwork } from '../../src/tor/private-network/start.js';
import { findOrInstallTor } from '../../src/tor/program/find-or-install.js';
import { startTor } from '../../src/tor/start-tor.js';
import type { Tor } from '../../src/tor/tor.js';
import type { BenchmarkOptions } from './benchmark.js';
import type { RunningTor } from './sides/programs.js';

/** A private Tor network with a tor for each side. */
export interface TorBench {
  /** For whoever sends. */
  readonly service: Tor;
  /** For whoever receives. */
  readonly client: Tor;
}

export async function onPrivateNetwork<Result>(
  directory: string,
  { signal, say }: BenchmarkOptions,
  work: (bench: TorBench) => Promise<Result>,
): Promise<Result> {
  const dataDir = join(directory, 'data');
  const program = await findOrInstallTor({ dataDir, signal });
  say(`starting a private Tor network (tor ${program.version})`);
  const network = { program, directory: join(directory, 'network'), signal };
  await using started = await startPrivateNetwork(network);
  const { torrc } = started;
  await using service = await startTor({ dataDir, torrc, signal });
  await using client = await startTor({ dataDir, torrc, signal });
  return await work({ service, client });
}

/** How another process of this user attaches to a tor that was started here. */
export function attachTo({ socks }: Tor): RunningTor {
  if (socks.kind !== 'unix') throw new Error('the benchmarks want a system with unix sockets');
  return { control: join(dirname(socks.path), 'control'), socks: socks.path };
}
