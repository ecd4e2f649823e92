import { type ChildProcessByStdio, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** Debian's own: another Python on the path would not find Debian's packages. */
const PYTHON = '/usr/bin/python3';
const FOLDER = fileURLToPath(new URL('.', import.meta.url));
const PATIENCE_MS = 240_000;

export interface PythonOptions {
  readonly input?: string;
  /** Besides PATH; nothing else is inherited. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface PythonEnded {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Debian's packages, by what is imported. */
const PACKAGES = { cryptography: 'python3-cryptography', tusclient: 'python3-tuspy' } as const;

/** Rejects with what to install, if the Python code cannot run on this machine. */
export async function needPython(module: keyof typeof PACKAGES = 'cryptography'): Promise<void> {
  try {
    await promisify(execFile)(PYTHON, ['-c', `import ${module}`]);
  } catch (cause) {
    const name = PACKAGES[module];
    throw new Error(`test/interop needs Debian’s python3 and ${name} (apt-get install ${name})`, {
      cause,
    });
  }
}

/** `python3 -m MODULE ARGS` in this folder. It never outlives the test that started it. */
export class Python implements AsyncDisposable {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #ended: Promise<PythonEnded>;
  readonly #args: readonly string[];
  #stdout = '';
  #stderr = '';

  constructor(args: readonly string[], { input = '', env }: PythonOptions = {}) {
    this.#args = args;
    // -B: no compiled files among the sources.
    this.#child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', PYTHON, '-B', '-m', ...args], {
      cwd: FOLDER,
      env: { PATH: process.env['PATH'], PYTHONIOENCODING: 'utf-8', ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => (this.#stdout += text));
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text));
    // It may end without having read everything.
    this.#child.stdin.on('error', () => undefined);
    this.#child.stdin.end(input);
    this.#ended = once(this.#child, 'close').then(() => ({
      status: this.#child.exitCode,
      stdout: this.#stdout,
      stderr: this.#stderr,
    }));
    // Whoever waits for the end is told; without this, an earlier failure of the test would hide it.
    this.#ended.catch(() => undefined);
  }

  /** The first line that it writes to stdout. */
  async firstLine(): Promise<string> {
    const line = async (): Promise<string> => {
      while (!this.#stdout.includes('\n')) {
        await Promise.race([
          once(this.#child.stdout, 'data'),
          this.#ended.then(() => {
            throw this.#failure('ended without a line');
          }),
        ]);
      }
      return this.#stdout.slice(0, this.#stdout.indexOf('\n'));
    };
    return await this.#patiently(line(), 'a line');
  }

  /** Resolves when it has ended with this status. */
  async exits(status: number): Promise<PythonEnded> {
    const ended = await this.#patiently(this.#ended, 'ending');
    if (ended.status !== status) throw this.#failure(`ended with another status than ${status}`);
    return ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended.catch(() => undefined);
  }

  async #patiently<T>(promise: Promise<T>, what: string): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const tooLong = new Promise<never>((_, reject) => {
      const tell = (): void =>
        reject(this.#failure(`has gone ${PATIENCE_MS / 1000} s without ${what}`));
      timer = setTimeout(tell, PATIENCE_MS);
    });
    try {
      return await Promise.race([promise, tooLong]);
    } finally {
      clearTimeout(timer);
    }
  }

  #failure(what: string): Error {
    const { exitCode, signalCode } = this.#child;
    const end = exitCode ?? signalCode ?? 'still running';
    return new Error(
      `python3 ${this.#args.join(' ')} ${what}\n${this.#stdout}\nstderr:\n${this.#stderr}\nend: ${end}`,
    );
  }
}
