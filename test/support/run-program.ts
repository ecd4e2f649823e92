import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

/** The program as it is built and published. */
export const PROGRAM: string = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

export interface RunOptions {
  /** Besides PATH, which alone is inherited, and HOME, which is empty and this run's own. */
  readonly env?: Readonly<Record<string, string>>;
  /** What stdin holds; none leaves it empty, and `open` is a pipe that is never closed. */
  readonly input?: string | Uint8Array | { readonly open: string };
  readonly cwd?: string;
  /** A command line that runs another, such as `nohup`. */
  readonly prefix?: readonly string[];
}

export interface Ended {
  /** null if a signal ended it. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The program while it runs. It does not outlive the test. */
export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves when `pattern` matches what was written to both outputs so far. */
  readonly saw: (pattern: RegExp) => Promise<void>;
}

/** Starts `onionferry ARGS`. */
export function startProgram(args: readonly string[], options: RunOptions = {}): Running {
  if (!existsSync(PROGRAM)) throw new Error(`${PROGRAM} is missing: npm run build makes it`);
  const [file = '', ...rest] = [...(options.prefix ?? []), process.execPath, PROGRAM, ...args];
  return start(file, rest, options);
}

/**
 * Starts `onionferry ARGS` on a terminal of its own, which script(1) of util-linux makes; what is
 * shown is stdout, and what is typed is the child's stdin. The program's stdout goes to the
 * terminal too.
 */
export function startOnTerminal(args: readonly string[], options: RunOptions = {}): Running {
  const command = [process.execPath, PROGRAM, ...args].map(quote).join(' ');
  const input = options.input ?? { open: '' };
  return start('script', ['-qec', `stty cols 100 rows 50; ${command}`, '/dev/null'], {
    ...options,
    input,
    env: { TERM: 'xterm', ...options.env },
  });
}

/** `onionferry ARGS` on a terminal that can be closed under it. */
export interface OnClosing extends Running {
  /** As when its window is closed; resolves with the program's exit status. */
  readonly close: () => Promise<number>;
}

/** Starts it from a shell, which outlives the terminal to say how the program has ended. */
export function startOnClosing(args: readonly string[], options: RunOptions = {}): OnClosing {
  const directory = mkdtempSync(join(tmpdir(), 'onionferry-closing-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, 'status');
  const command = [process.execPath, PROGRAM, ...args].map(quote).join(' ');
  const shell = `trap : HUP; stty cols 100 rows 50; ${command}; echo $? > ${quote(path)}`;
  const running = start('script', ['-qec', shell, '/dev/null'], {
    ...options,
    input: options.input ?? { open: '' },
    env: { TERM: 'xterm', SHELL: '/bin/bash', ...options.env },
  });
  return {
    ...running,
    close: async () => {
      running.child.kill('SIGKILL');
      for (;;) {
        const status = await readFile(path, 'utf8').catch(() => '');
        if (status.endsWith('\n')) return Number(status);
        await sleep(50);
      }
    },
  };
}

/** Runs `onionferry ARGS` to its end. */
export async function runProgram(
  args: readonly string[],
  options: RunOptions = {},
): Promise<Ended> {
  return await startProgram(args, options).ended;
}

/**
 * Runs `onionferry ARGS` and gives what a person would copy from a terminal: what went to stderr
 * is marked with "!", and the exit status comes last.
 */
export async function transcript(
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  return asTranscript(await runProgram(args, options));
}

export function asTranscript({ status, stdout, stderr }: Ended): string {
  const marked = stderr.replace(/^(?=.)/gm, '! ');
  return `${stdout}${marked}exit ${String(status)}`;
}

function start(file: string, args: readonly string[], options: RunOptions): Running {
  const home = mkdtempSync(join(tmpdir(), 'onionferry-home-'));
  const child = spawn(file, args, {
    env: { PATH: process.env['PATH'], HOME: home, ...options.env },
    ...(options.cwd !== undefined && { cwd: options.cwd }),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  const onOutput = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    for (const look of onOutput) look();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    for (const look of onOutput) look();
  });
  const { input = '' } = options;
  // The program may end without having read everything.
  child.stdin.on('error', () => undefined);
  if (typeof input === 'object' && 'open' in input) child.stdin.write(input.open);
  else child.stdin.end(input);
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => resolve({ status, stdout, stderr }));
  });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended.catch(() => undefined);
    rmSync(home, { recursive: true, force: true });
  });
  return {
    child,
    ended,
    saw: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (pattern.test(stdout + stderr)) resolve();
        };
        onOutput.add(look);
        look();
        void ended.then(
          () => reject(new Error(`it ended without ${String(pattern)}:\n${stdout}${stderr}`)),
          reject,
        );
      }),
  };
}

function quote(argument: string): string {
  return `'${argument.replaceAll("'", "'\\''")}'`;
}
