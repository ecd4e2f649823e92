import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A started tor of the private network. */
export interface NodeProcess {
  readonly nickname: string;
  /** What tor warned of last, without the time. */
  lastWarning(): string | undefined;
  /** Whether it has ended, asked or not. */
  hasEnded(): boolean;
  /** Makes it read its torrc again. */
  reload(): void;
  /** Ends it at once and without waiting, for use while this process exits. */
  kill(): void;
  close(): Promise<void>;
}

/** A tor that is asked to end does so in a tenth of a second. */
const POLITE_MS = 3_000;

/**
 * Starts `argv` in a process group of its own, so that Ctrl-C in a terminal reaches us and not
 * the network that we still use while ending.
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
    // A command prefix that stays in between belongs to the group too.
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
