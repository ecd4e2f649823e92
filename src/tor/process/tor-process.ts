import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { Logger } from '../../base/logger.js';
import { within } from '../../base/within.js';
import { type TorProgram, torEnvironment } from '../program/tor-program.js';
import { Complaints, parseLogLine } from './log.js';

/** How long tor may take to end by itself, then after SIGTERM, before it is killed. */
const POLITE_MS = 2_000;
const TERMINATE_MS = 1_500;
/** What tor said last may arrive just after its end. */
const LAST_WORDS_MS = 200;

export interface TorProcess {
  readonly pid: number | undefined;
  /** Resolves when tor has ended or could not be started; never rejects. */
  readonly exited: Promise<void>;
  /** Once it has: "ended with status 1", "was killed by SIGKILL". */
  readonly how: () => string | undefined;
  /** tor's last complaint of substance. */
  readonly lastWarning: () => string | undefined;
  /**
   * Ends tor: `politely` first (a command on its control port), then SIGTERM, then SIGKILL for it
   * and its pluggable transports. Resolves when it is gone.
   */
  end(politely: () => Promise<void>): Promise<void>;
}

export interface SpawnTorOptions {
  readonly program: TorProgram;
  readonly torrc: string;
  /** The lock of the data directory, which tor holds together with us. */
  readonly lockFd: number;
  readonly logger: Logger;
}

/** Starts tor in a session of its own, so that a Ctrl-C in our terminal does not reach it. */
export function spawnTor(options: SpawnTorOptions): TorProcess {
  const { program, torrc, lockFd, logger } = options;
  // What the machine's administrator set for the system's tor is not meant for this one.
  const defaults = process.platform === 'win32' ? [] : ['--defaults-torrc', '/dev/null'];
  const child = spawn(program.path, ['-f', '-', ...defaults], {
    env: torEnvironment(program),
    detached: true,
    windowsHide: true,
    stdio: ['pipe', 'pipe', 'pipe', process.platform === 'win32' ? 'ignore' : lockFd],
  });
  const { stdin, stdout, stderr } = pipesOf(child);
  const complaints = new Complaints();
  for (const stream of [stdout, stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      const { level, text } = parseLogLine(line);
      if (level === 'warn' || level === 'err') complaints.add(text);
      logger.debug(`tor: [${level}] ${text}`);
    });
  }
  stdin.on('error', () => undefined); // a tor that has ended already reads nothing
  stdin.end(torrc);

  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  let how: string | undefined;
  const exited = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      how = `could not be started (${error.message})`;
      resolve();
    });
    child.once('exit', (status, signal) => {
      how = signal === null ? `ended with status ${String(status)}` : `was killed by ${signal}`;
      void within(closed, LAST_WORDS_MS).then(resolve);
    });
  });

  let ending: Promise<void> | undefined;
  const isRunning = (): boolean =>
    child.pid !== undefined && child.exitCode === null && child.signalCode === null;
  const end = async (politely: () => Promise<void>): Promise<void> => {
    if (isRunning()) {
      void politely().catch(() => undefined);
      await within(exited, POLITE_MS);
    }
    if (isRunning()) {
      child.kill('SIGTERM');
      await within(exited, TERMINATE_MS);
    }
    if (isRunning()) killGroup(child.pid);
    await exited;
    stdout.destroy();
    stderr.destroy();
  };
  return {
    pid: child.pid,
    exited,
    how: () => how,
    lastWarning: () => complaints.last,
    end: (politely) => (ending ??= end(politely)),
  };
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL');
  } catch {
    // It has just ended by itself.
  }
}

interface Pipes {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
}

/** The types know pipes only where there are three; they are always there when asked for. */
function pipesOf({ stdin, stdout, stderr }: ChildProcess): Pipes {
  if (stdin === null || stdout === null || stderr === null) throw new Error('no pipes to tor');
  return { stdin, stdout, stderr };
}
