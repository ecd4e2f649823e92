import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { FerryEvent } from '../../../src/api/events.js';
import { cpuSecondsOf, peakRssOf } from './usage-of.js';

export const PROGRAM: string = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));
const LOOK_EVERY_MS = 250;
/** The exit status of one that can be resumed. */
const SUSPENDED = 5;

export type Told<Name extends FerryEvent['event']> = Extract<FerryEvent, { event: Name }>;

/** `onionferry ARGS --json`, as it is built, in a process that may be killed. */
export class Program implements AsyncDisposable {
  /** The most memory it was seen to hold. */
  peakRssBytes = 0;
  /** User and system time that it was seen to have used. */
  cpuSeconds = 0;
  /** What it told last of its progress, in bytes. */
  progress = 0;
  /** As it told last. */
  circuits = 1;
  /** The code of the error that it ended with. */
  failedWith: string | undefined;
  /** Resolves with its exit status; null if a signal ended it. */
  readonly ended: Promise<number | null>;
  readonly #args: readonly string[];
  readonly #child: ChildProcess;
  readonly #events: FerryEvent[] = [];
  readonly #news = new EventEmitter().setMaxListeners(0);
  readonly #said: string[] = [];
  #isOver = false;

  /** @param program its main file */
  constructor(
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
    program = PROGRAM,
  ) {
    if (!existsSync(program)) throw new Error(`${program} is missing: npm run build makes it`);
    this.#args = args;
    // The kernel kills it when this process dies, however that happens.
    const lifeline = ['--pdeathsig', 'KILL', '--', process.execPath, program];
    const child = spawn('setpriv', [...lifeline, ...args, '--json'], {
      env: { PATH: process.env['PATH'], ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    const looking = setInterval(() => {
      if (child.pid === undefined) return;
      this.peakRssBytes = Math.max(this.peakRssBytes, peakRssOf(child.pid) ?? 0);
      this.cpuSeconds = Math.max(this.cpuSeconds, cpuSecondsOf(child.pid));
    }, LOOK_EVERY_MS);
    createInterface({ input: child.stdout }).on('line', (line) => this.#take(line));
    createInterface({ input: child.stderr }).on('line', (line) => void this.#said.push(line));
    this.ended = once(child, 'close').then(([status]: (number | null)[]) => {
      clearInterval(looking);
      this.#isOver = true;
      this.#news.emit('news');
      return status ?? null;
    });
  }

  /** The first event of that name for which `matches` holds, told already or yet to come. */
  async told<Name extends FerryEvent['event']>(
    name: Name,
    matches: (event: Told<Name>) => boolean = () => true,
  ): Promise<Told<Name>> {
    // The name decides on the type.
    const isWanted = (event: FerryEvent): event is Told<Name> =>
      event.event === name && matches(event as Told<Name>);
    for (let seen = 0; ; ) {
      for (; seen < this.#events.length; seen++) {
        const event = this.#events[seen];
        if (event !== undefined && isWanted(event)) return event;
      }
      if (this.#isOver) throw this.failure(`ended without telling ${name}`);
      await once(this.#news, 'news');
    }
  }

  /** @throws Error unless it ends with status 0 */
  async succeeds(): Promise<void> {
    const status = await this.ended;
    if (status !== 0) throw this.failure(`ended with ${String(status)}`);
  }

  /** `kill -9`; resolves when it is dead. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.ended;
  }

  /** Resolves when the signal has ended it. @throws Error unless it says that it can be resumed */
  async endBy(signal: NodeJS.Signals): Promise<void> {
    this.#child.kill(signal);
    const status = await this.ended;
    // It may have been at its end, or not have listened yet.
    if (status !== null && status !== SUSPENDED && status !== 0) {
      throw this.failure(`ended with ${status} by ${signal}`);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }

  failure(what: string): Error {
    const said = [...this.#said.slice(-20), JSON.stringify(this.#events.at(-1))];
    return new Error(`onionferry ${this.#args.join(' ')} ${what}\n${said.join('\n')}`);
  }

  #take(line: string): void {
    // Our own program prints nothing else there.
    const event = JSON.parse(line) as
      | FerryEvent
      | { readonly event: 'error'; readonly code: string };
    if (event.event === 'error') this.failedWith = event.code;
    else this.#events.push(event);
    if (event.event === 'progress') {
      this.progress = event.bytes;
      this.circuits = event.circuits;
    }
    this.#news.emit('news');
  }
}
