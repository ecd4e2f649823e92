import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A running tor of the private network. */
export interface NodeProcess {
  readonly nickname: string;
  /** tor's last warning, without its time. */
  lastWarning(): string | undefined;
  /** Whether it has ended, for whatever reason. */
  hasEnded(): boolean;
  /** Makes it read its torrc again. */
  reload(): void;
  /** Kills it without waiting, for use while this process exits. */
  kill(): void;
  close(): Promise<void>;
}

/** tor ends on SIGTERM within a tenth of a second. */
const POLITE_MS = 3_000;

/**
 * Starts `argv` in a process group of its own: Ctrl-C must not end the network while we still use
 * it to close.
 */
export function startNode(
  nickname: string,
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
): NodeProcess {
  const [file = '', ...args] = argv;
  const child = spawn(file, args, {
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
    windowsHide: true,
  });
  let warning: string | undefined;
  let ended = false;
  const closed = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      warning = error.message;
      ended = true;
      resolve();
    });
    child.once('close', () => {
      ended = true;
      resolve();
    });
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    const text = /\[warn\] (.*)/.exec(line)?.[1];
    if (text !== undefined) warning = text;
  });
  const signal = (name: NodeJS.Signals): void => {
    // The group includes a command prefix that keeps running.
    if (!ended && child.pid !== undefined) process.kill(-child.pid, name);
  };
  return {
    nickname,
    lastWarning: () => warning,
    hasEnded: () => ended,
    reload: () => signal('SIGHUP'),
    kill: () => signal('SIGKILL'),
    async close() {
      const firm = setTimeout(() => signal('SIGKILL'), POLITE_MS);
      signal('SIGTERM');
      await closed;
      clearTimeout(firm);
    },
  };
}
