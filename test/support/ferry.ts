import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { join } from 'node:path';
import { inject } from 'vitest';
import type { FerryEvent } from '../../src/api/events.js';
import { PROGRAM } from './run-program.js';

/** For what takes seconds: a longer wait would never end. */
const PATIENCE_MS = 180_000;

/** What `--json` writes. */
export type PrintedEvent =
  | FerryEvent
  | { readonly event: 'error'; readonly code: string; readonly message: string };

export type Printed<Name extends PrintedEvent['event']> = Extract<PrintedEvent, { event: Name }>;

export interface FerryOptions {
  /** Besides PATH; nothing else is inherited. */
  readonly env?: Readonly<Record<string, string>>;
  /** What stdin holds; it is empty otherwise. */
  readonly input?: string | Uint8Array;
  /** A command line that runs another, such as `ip netns exec NAME`. */
  readonly prefix?: readonly string[];
  /** What runs it; the Node of the tests unless told. */
  readonly node?: string;
  /** Whether it is the program and nothing else, which stretches passwords with all rounds. */
  readonly isBare?: boolean;
}

export interface Ended {
  /** null if a signal ended it. */
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** `onionferry ARGS` as a process of its own. It never outlives the one that started it. */
export class Ferry implements AsyncDisposable {
  readonly args: readonly string[];
  /** What it has told so far, with `--json`. */
  readonly events: PrintedEvent[] = [];
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #ended: Promise<Ended>;
  readonly #news = new EventEmitter().setMaxListeners(0);
  readonly #stdout: Buffer[] = [];
  /** What was printed, with times since the start, to find out what went wrong. */
  readonly #story: string[] = [];
  readonly #startedAt: number = performance.now();
  /** Lines that are no events. */
  readonly #strays: string[] = [];
  #stderr = '';
  #line = '';
  #isOver = false;

  constructor(args: readonly string[], options: FerryOptions = {}) {
    const { env, input = '', prefix = [], node: path = process.execPath, isBare = false } = options;
    this.args = args;
    const preload = isBare ? [] : ['--import', join(inject('stretched'), 'in-program.mjs')];
    const node = [path, ...preload];
    // The kernel kills it when this process dies, however that happens.
    const lifeline = ['--pdeathsig', 'KILL', '--', ...prefix];
    const child = spawn('setpriv', [...lifeline, ...node, PROGRAM, ...args], {
      env: { PATH: process.env['PATH'], ...env },
      // A process group of its own, as a shell makes one: Ctrl-C reaches all of it, and not us.
      detached: true,
    });
    this.#child = child;
    child.stdout.on('data', (chunk: Buffer) => this.#hear(chunk));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
      this.#news.emit('news');
    });
    // The program may end without having read everything.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    this.#ended = new Promise((resolve, reject) => {
      child.once('error', (cause) => {
        reject(new Error('setpriv could not be started; util-linux brings it', { cause }));
      });
      child.once('close', (status, signal) => {
        this.#isOver = true;
        this.#news.emit('news');
        resolve({ status, signal, stdout: Buffer.concat(this.#stdout), stderr: this.#stderr });
      });
    });
    this.#ended.catch(() => undefined);
  }

  get pid(): number {
    const { pid } = this.#child;
    if (pid === undefined) throw new Error('the program was not started');
    return pid;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** What it has done so far; of several steps of progress in a row the last. */
  get story(): string {
    const { exitCode, signalCode } = this.#child;
    const told = this.args.includes('--json')
      ? this.#story.join('\n')
      : Buffer.concat(this.#stdout).subarray(-10_000).toString('utf8');
    const end = exitCode ?? signalCode ?? 'still running';
    return `onionferry ${this.args.join(' ')}\n${told}\nstderr:\n${this.#stderr}\nend: ${end}`;
  }

  /** The first event of that name for which `matches` holds, told already or yet to come. */
  async told<Name extends PrintedEvent['event']>(
    name: Name,
    matches: (event: Printed<Name>) => boolean = () => true,
  ): Promise<Printed<Name>> {
    // The name decides on the type.
    const isWanted = (event: PrintedEvent): event is Printed<Name> =>
      event.event === name && matches(event as Printed<Name>);
    return await this.#until(() => this.events.find(isWanted), `telling "${name}"`);
  }

  /** What of stdout so far matches `pattern`, as soon as something does. */
  async printed(pattern: RegExp): Promise<RegExpExecArray> {
    const find = (): RegExpExecArray | undefined =>
      pattern.exec(Buffer.concat(this.#stdout).toString('utf8')) ?? undefined;
    return await this.#until(find, `printing ${String(pattern)}`);
  }

  /** Resolves when what was written to stderr so far matches `pattern`. */
  async wrote(pattern: RegExp): Promise<void> {
    await this.#until(() => pattern.test(this.#stderr) || undefined, `writing ${String(pattern)}`);
  }

  /** Resolves when the program has ended, in whatever way. */
  async ends(patienceMs?: number): Promise<Ended> {
    return await this.#patiently(this.#ended, 'ending', patienceMs);
  }

  /** Resolves when the program has ended with this status. */
  async exits(status: number, patienceMs?: number): Promise<Ended> {
    const ended = await this.ends(patienceMs);
    if (ended.status !== status) throw this.#failure(`ended with another status than ${status}`);
    if (this.#strays.length > 0 || this.#line !== '') {
      throw this.#failure('wrote something else than events to stdout');
    }
    return ended;
  }

  /** Ctrl-C: a signal to all of the terminal's foreground process group. */
  interrupt(): void {
    process.kill(-this.pid, 'SIGINT');
  }

  /** A signal to this process alone. Resolves when it has ended. */
  async endBy(signal: NodeJS.Signals): Promise<Ended> {
    this.#child.kill(signal);
    return await this.ends();
  }

  /** `kill -9`, of this process alone. Resolves when it is dead. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended.catch(() => undefined);
  }

  #hear(chunk: Buffer): void {
    this.#stdout.push(chunk);
    if (this.args.includes('--json')) {
      // Cut at line feeds, which no other character of UTF-8 contains.
      const lines = (this.#line + chunk.toString('latin1')).split('\n');
      this.#line = lines.pop() ?? '';
      for (const line of lines) this.#take(Buffer.from(line, 'latin1').toString('utf8'));
    }
    this.#news.emit('news');
  }

  #take(line: string): void {
    try {
      // What the events hold is for the tests to check.
      const event = JSON.parse(line) as PrintedEvent;
      if (typeof event.event !== 'string') return void this.#strays.push(line);
      this.events.push(event);
      const seconds = ((performance.now() - this.#startedAt) / 1000).toFixed(1);
      const isNext = event.event === 'progress' && this.events.at(-2)?.event === 'progress';
      this.#story.splice(isNext ? -1 : this.#story.length, 1, `${seconds} s ${line}`);
    } catch {
      this.#strays.push(line);
    }
  }

  async #until<T>(find: () => T | undefined, what: string): Promise<T> {
    const look = async (): Promise<T> => {
      for (;;) {
        const found = find();
        if (found !== undefined) return found;
        if (this.#isOver) throw this.#failure(`ended without ${what}`);
        await once(this.#news, 'news');
      }
    };
    return await this.#patiently(look(), what);
  }

  async #patiently<T>(promise: Promise<T>, what: string, ms: number = PATIENCE_MS): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const tooLong = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(this.#failure(`${ms / 1000} s passed without ${what}`)), ms);
    });
    try {
      return await Promise.race([promise, tooLong]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** With everything that helps to find out what went wrong. */
  #failure(what: string): Error {
    return new Error(`it ${what}\n${[...this.#strays, this.#line, this.story].join('\n')}`);
  }
}
