import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { within } from '../../base/deadline.js';
import { OnionferryError } from '../../base/errors.js';
import type { Logger } from '../../base/logger.js';
import { unwritableData } from '../../disk/unwritable.js';
import { killGroup } from '../program/run-program.js';

/** How long tor may take to end by itself, then after SIGTERM, before it is killed. */
const POLITE_MS = 2_000;
const TERMINATE_MS = 1_500;
/** tor's last lines may arrive just after its end. */
const LAST_LINES_MS = 200;

export interface TorProcess {
  /** Resolves when tor has ended or could not be started; never rejects. */
  readonly exited: Promise<void>;
  /** Once it has: "ended with status 1", "was killed by SIGKILL". */
  readonly how: () => string | undefined;
  /** tor's last warning that may explain its end. */
  readonly lastWarning: () => string | undefined;
  /**
   * Aborts, with an error that says what to do, when tor has found no room for a file without which
   * it would never be connected, and would not try again either. It does without any other.
   */
  readonly noRoom: AbortSignal;
  /** Signals tor and what it has started, unless it has ended. */
  signal(name: NodeJS.Signals): void;
  /**
   * Ends tor: first `politely` (by a command on its control port), then by SIGTERM, then by SIGKILL,
   * with its pluggable transports. Resolves when it has ended.
   */
  end(politely?: () => Promise<void>): Promise<void>;
}

export interface SpawnTorOptions {
  /** The program and its arguments. */
  readonly argv: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** What tor reads from stdin. */
  readonly torrc?: string;
  /** The lock of the data directory, which tor holds as well. */
  readonly lockFd?: number;
  /** What no line of its log may show. */
  readonly secrets?: readonly string[] | undefined;
  readonly logger: Logger;
}

/** Starts tor in a session of its own, so that a Ctrl-C in our terminal does not reach it. */
export function spawnTor(options: SpawnTorOptions): TorProcess {
  const { env, torrc = '', lockFd, secrets = [], logger } = options;
  const [file = '', ...args] = options.argv;
  const child = spawn(file, args, {
    env,
    detached: true,
    windowsHide: true,
    stdio: ['pipe', 'pipe', 'pipe', process.platform === 'win32' ? 'ignore' : lockFd],
    // Node's types leave out pipes when there are more than three.
  }) as ChildProcessByStdio<Writable, Readable, Readable>;
  const { stdin, stdout, stderr } = child;
  // Longest first: one may be part of another.
  const hidden = secrets.toSorted((a, b) => b.length - a.length);
  let lastWarning: string | undefined;
  const noRoom = new AbortController();
  for (const stream of [stdout, stderr]) {
    const lines = createInterface({ input: stream });
    lines.on('error', (error) => logger.debug(`what tor says is lost: ${String(error)}`));
    lines.on('line', (whole) => {
      const line = hidden.reduce((text, secret) => text.replaceAll(secret, '[hidden]'), whole);
      const [, level = 'warn', text = line] = LOG_LINE.exec(line) ?? [];
      const isWarning = level === 'warn' || level === 'err';
      if (isWarning && !IRRELEVANT.some((pattern) => pattern.test(text))) lastWarning = text.trim();
      const unwritten = NO_ROOM.exec(text)?.[1];
      if (isWarning && unwritten !== undefined) noRoom.abort(noRoomFor(unwritten));
      logger.debug(`tor: [${level}] ${text}`);
    });
  }
  stdin.on('error', () => undefined); // tor has ended already, and `exited` says why
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
      void within(closed, LAST_LINES_MS).then(() => resolve());
    });
  });

  let ending: Promise<void> | undefined;
  const isRunning = (): boolean =>
    child.pid !== undefined && child.exitCode === null && child.signalCode === null;
  const signal = (name: NodeJS.Signals): void => {
    if (isRunning()) killGroup(child.pid, name);
  };
  const end = async (politely?: () => Promise<void>): Promise<void> => {
    if (isRunning() && politely !== undefined) {
      void politely().catch((error: unknown) =>
        logger.debug(`asking tor to end: ${String(error)}`),
      );
      await within(exited, POLITE_MS);
    }
    if (isRunning()) {
      signal('SIGTERM');
      await within(exited, TERMINATE_MS);
    }
    signal('SIGKILL');
    await exited;
    stdout.destroy();
    stderr.destroy();
  };
  return {
    exited,
    how: () => how,
    lastWarning: () => lastWarning,
    noRoom: noRoom.signal,
    signal,
    end: (politely) => (ending ??= end(politely)),
  };
}

/**
 * A line of tor's output. One in another form comes from before tor can log (from the dynamic
 * loader) and counts as a warning.
 */
const LOG_LINE = /^\w{3} [ \d]\d [\d:.]+ \[(debug|info|notice|warn|err)\] (.*)$/;

/**
 * A new consensus waits in this file for the keys that it is checked with
 * (networkstatus_set_current_consensus, src/feature/nodelist/networkstatus.c).
 */
const NO_ROOM = /^Error writing to "(.*unverified-[^"]*)": (?:No space left on device|.*[Qq]uota)/;

function noRoomFor(file: string): OnionferryError {
  const full = Object.assign(new Error('tor says that the disk is full'), { code: 'ENOSPC' });
  const { message } = unwritableData(file, full);
  return new OnionferryError('ERR_TOR_START', `tor cannot be connected: it ${message}`, {
    cause: full,
  });
}

/** Logged at every start of such a tor, or about an earlier line: none explains why tor ended. */
const IRRELEVANT: readonly RegExp[] = [
  /^\s*$/,
  /^You are running Tor as root/,
  /^You have used DirAuthority/,
  /^TestingTorNetwork is set/,
  /^Fixing permissions on directory/,
  /see warnings above/,
  /^Tor can't help you/,
  /^=+ T= \d+$/, // a crash: the next line names the signal,
  /\[0x[0-9a-f]+\]$/, // and these are the stack
];
