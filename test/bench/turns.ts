import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BenchmarkOptions, Run, Way } from './benchmark.js';
import type { SideReport } from './processes/report.js';
import { cpuSecondsOf } from './processes/usage-of.js';

/** What one run came to, in each of the two processes. */
export interface Carried {
  readonly sender: SideReport;
  readonly recipient: SideReport;
}

/** A way to carry the file, into a directory that is new and empty. */
export interface Carrier {
  readonly name: string;
  readonly carry: (directory: string) => Promise<Carried>;
}

export interface Turns {
  readonly runs: number;
  readonly directory: string;
  /**
   * Whether what arrives stays until all runs are done. ext4 without a journal takes no inode that
   * was freed a few minutes ago, and looks at each such before it takes another: ten thousand files
   * that one run removes make the next take seconds more.
   */
  readonly keep?: boolean;
  /** What is reported to be happening. */
  readonly title: string;
  /** Pids of processes besides the two sides that take part in every way, by what they are. */
  readonly others?: Readonly<Record<string, number>>;
}

/** Lets each way have its turn, run after run, so that what the machine does meets all alike. */
export async function inTurns(
  carriers: readonly Carrier[],
  { runs, directory, keep = false, title, others }: Turns,
  { signal, say }: Pick<BenchmarkOptions, 'signal' | 'say'>,
): Promise<Way[]> {
  const ways = carriers.map(({ name, carry }) => ({ name, carry, runs: new Array<Run>() }));
  for (let run = 1; run <= runs; run++) {
    for (const [number, way] of ways.entries()) {
      signal.throwIfAborted();
      say(`${title}: ${way.name}, run ${run} of ${runs}`);
      const scratch = join(directory, `run-${run}-${number}`);
      await mkdir(scratch);
      const load = loadavg()[0] ?? 0;
      const before = cpuOf(others);
      const carried = await way.carry(scratch);
      const used = Object.entries(cpuOf(others)).map(([name, cpu]): [string, number] => [
        name,
        cpu - (before[name] ?? 0),
      ]);
      const ofOthers = others === undefined ? {} : { others: Object.fromEntries(used) };
      way.runs.push({ ...runOf(load, carried), ...ofOthers });
      // What is gone is not written to the disk during the next run.
      if (!keep) await rm(scratch, { recursive: true });
    }
  }
  return ways.map(({ name, runs }) => ({ name, runs }));
}

function cpuOf(others: Turns['others'] = {}): Record<string, number> {
  return Object.fromEntries(Object.entries(others).map(([name, pid]) => [name, cpuSecondsOf(pid)]));
}

/** A directory for a benchmark's files, and where it lies. */
export async function benchDirectory(
  parent: string = tmpdir(),
): Promise<AsyncDisposable & { readonly path: string; readonly parent: string }> {
  const path = await mkdtemp(join(parent, 'onionferry-bench-'));
  return {
    path,
    parent,
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

export function runOf(load: number, { sender, recipient }: Carried): Run {
  const { timing, circuits } = recipient;
  if (timing === undefined) throw new Error('the recipient measured no time');
  return {
    ...timing,
    ...(circuits !== undefined && { circuits }),
    load,
    sender: sender.usage,
    recipient: recipient.usage,
  };
}
