import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test as base, inject } from 'vitest';
import { Ferry, type FerryOptions } from './ferry.js';

// vitest's workers continue for a while when vitest itself was killed or interrupted. What they have
// started ends with them.
process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));

export interface StartOptions extends FerryOptions {
  /** Where the program keeps its things; one of its own unless told. */
  readonly home?: string;
  /** What its line to the network carries, each way; as much as this machine can, unless told. */
  readonly bytesPerSecond?: number;
}

/**
 * Takes ten seconds for 1 MB, however fast this machine is: there is time for something to happen,
 * also where all else is slow, and little to carry.
 */
export const SLOW_LINE: Pick<StartOptions, 'bytesPerSecond'> = { bytesPerSecond: 100_000 };

/** What one test works with: a folder of its own, and programs on the run's private network. */
export class Stage implements AsyncDisposable {
  readonly path: string;
  readonly #torrc: string;
  readonly #ferries: Ferry[] = [];
  #homes = 0;

  constructor(path: string, torrc: string) {
    this.path = path;
    this.#torrc = torrc;
  }

  /** A place for one program's data, sockets and settings. */
  home(): string {
    this.#homes++;
    return join(this.path, String(this.#homes));
  }

  at(...names: readonly string[]): string {
    return join(this.path, ...names);
  }

  /** Writes a file, and gives its path. */
  async file(name: string, content: string | Uint8Array): Promise<string> {
    const path = this.at(name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
    return path;
  }

  /** Starts `onionferry ARGS`, which uses the private network and leaves the user's own data alone. */
  async start(args: readonly string[], options: StartOptions = {}): Promise<Ferry> {
    const { home = this.home(), env, bytesPerSecond, ...rest } = options;
    const own = await this.environment(home, bytesPerSecond);
    const ferry = new Ferry(args, { ...rest, env: { ...own, ...env } });
    this.#ferries.push(ferry);
    return ferry;
  }

  /** What a program with this home is started with, to be on the private network. */
  async environment(home: string, bytesPerSecond?: number): Promise<Record<string, string>> {
    await mkdir(temporaryOf(home), { recursive: true, mode: 0o700 });
    const torrc = join(home, 'torrc');
    await writeFile(torrc, `${this.#torrc}\n${lineOf(bytesPerSecond)}`);
    return {
      HOME: home,
      TMPDIR: temporaryOf(home),
      ONIONFERRY_HOME: dataOf(home),
      ONIONFERRY_TORRC: torrc,
    };
  }

  /** What all programs have done so far. */
  get story(): string {
    return this.#ferries.map(({ story }) => story).join('\n\n');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#ferries.map((ferry) => ferry[Symbol.asyncDispose]()));
    await rm(this.path, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Lines for a torrc. The network is on this machine, which tor would not count. */
function lineOf(bytesPerSecond: number | undefined): string {
  if (bytesPerSecond === undefined) return '';
  const limits = ['BandwidthRate', 'BandwidthBurst'].map((name) => `${name} ${bytesPerSecond}\n`);
  return `CountPrivateBandwidth 1\n${limits.join('')}`;
}

/** Where a program with this home puts its sockets. */
export function temporaryOf(home: string): string {
  return join(home, 'tmp');
}

/** Where a program with this home keeps identities, transfers and the state of tor. */
export function dataOf(home: string): string {
  return join(home, 'data');
}

export async function openStage(torrc: string = inject('torrc')): Promise<Stage> {
  return new Stage(await mkdtemp(join(inject('runDirectory'), 's-')), torrc);
}

/** A test with a stage, on which nothing runs any more when it is over. */
export const test = base.extend<{ stage: Stage }>({
  stage: async ({ onTestFailed }, use) => {
    await using stage = await openStage();
    // A test that took too long says by itself only that.
    onTestFailed(() => console.error(stage.story));
    await use(stage);
  },
});
