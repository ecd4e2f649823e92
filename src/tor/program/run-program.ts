import { spawn } from 'node:child_process';
import { deadline } from '../../base/deadline.js';

export interface RunOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly deadlineMs: number;
  readonly cwd?: string;
  /** For stdin; by default there is nothing on it */
  readonly input?: string;
  readonly signal?: AbortSignal | undefined;
}

export interface RunResult {
  /** Exit status, or null if a signal ended it. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** More than any program that is run here prints; the rest is dropped. */
const OUTPUT_MAX_CHARACTERS = 1 << 20;
/** What was killed has closed its pipes by then. */
const KILLED_WITHIN_MS = 500;

/**
 * Runs a program to its end.
 *
 * It leads a process group of its own: an abort, the deadline or the exit of this process ends its
 * children too. The promise settles only when all of them have ended and nothing can write any
 * more, except that after an abort or the deadline nobody waits for a child that has left the group.
 *
 * @throws the system's error if it cannot be started; the signal's reason; ERR_TIMEOUT
 */
export async function runProgram(
  file: string,
  args: readonly string[],
  options: RunOptions,
): Promise<RunResult> {
  options.signal?.throwIfAborted();
  const tooLong = `${file} did not end within ${options.deadlineMs / 1000} seconds`;
  using limit = deadline(options.deadlineMs, tooLong, options.signal);
  return await new Promise<RunResult>((resolve, reject) => {
    const child = spawn(file, args, {
      cwd: options.cwd,
      env: options.env,
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
      windowsHide: true,
    });
    // Without a free descriptor it has none, whatever its type says; `error` tells why.
    const pipes: Partial<Pick<typeof child, 'stdin' | 'stdout' | 'stderr'>> = child;
    const output = { stdout: '', stderr: '' };
    let grace: NodeJS.Timeout | undefined;
    const end = (): void => {
      killGroup(child.pid);
      // A child that has left the group lives on, and would keep them open for as long as it likes.
      grace = setTimeout(() => {
        pipes.stdout?.destroy();
        pipes.stderr?.destroy();
      }, KILLED_WITHIN_MS);
    };
    limit.signal.addEventListener('abort', end, { once: true });
    process.once('exit', end);
    const settled = (): void => {
      clearTimeout(grace);
      limit.signal.removeEventListener('abort', end);
      process.removeListener('exit', end);
    };
    child.once('error', (error) => {
      settled();
      reject(error);
    });
    child.once('close', (status) => {
      settled();
      // The parent's reason or our own: an Error either way.
      if (limit.signal.aborted) reject(limit.signal.reason as Error);
      else resolve({ status, ...output });
    });
    // It may end without having read it; its status says what that means.
    pipes.stdin?.on('error', () => undefined).end(options.input);
    for (const name of ['stdout', 'stderr'] as const) {
      pipes[name]?.setEncoding('utf8').on('data', (text: string) => {
        output[name] = (output[name] + text).slice(0, OUTPUT_MAX_CHARACTERS);
      });
    }
  });
}

/** Signals a child that was started `detached`, with everything that it started itself. */
export function killGroup(pid: number | undefined, signal: NodeJS.Signals = 'SIGKILL'): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, signal);
  } catch {
    // It has just ended by itself.
  }
}
