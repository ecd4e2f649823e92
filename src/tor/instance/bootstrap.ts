import { untilAborted } from '../../base/deadline.js';
import { OnionferryError } from '../../base/errors.js';
import type { Logger } from '../../base/logger.js';
import type { ControlConnection } from '../control/connection.js';
import { parseKeywords } from '../control/quoting.js';

/** Without any progress for so long, tor will hardly get further by itself. */
export const BOOTSTRAP_STALL_MS = 60_000;
/**
 * The same once tor itself finds that it has a problem worth telling, and at 0 %: without any
 * network tor stays there and says nothing, with one it leaves within a second.
 */
const PROBLEM_STALL_MS = 15_000;
const DONE = 100;
/** Below this tor has not spoken to the network yet. */
const CONNECTED = 15;

export interface BootstrapOptions {
  /** `percent` never goes back. */
  readonly onBootstrap?: ((percent: number, summary: string) => void) | undefined;
  /** Default BOOTSTRAP_STALL_MS. */
  readonly stallMs?: number | undefined;
  /** tor's last complaint in its log. */
  readonly lastWarning: () => string | undefined;
  readonly logger: Logger;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Waits until tor can build circuits.
 *
 * @throws OnionferryError ERR_TOR_BOOTSTRAP with tor's last warning when it gets no further
 */
export async function untilBootstrapped(
  connection: ControlConnection,
  options: BootstrapOptions,
): Promise<void> {
  const { stallMs = BOOTSTRAP_STALL_MS, signal, logger } = options;
  const command = signal === undefined ? {} : { signal };
  const progress = new BootstrapProgress();
  let timer: NodeJS.Timeout | undefined;
  let settle: { resolve: () => void; reject: (error: Error) => void } | undefined;
  const done = new Promise<void>((resolve, reject) => {
    settle = { resolve, reject };
  });
  const wait = (ms: number): void => {
    clearTimeout(timer);
    timer = setTimeout(() => settle?.reject(stalled(progress, options.lastWarning())), ms);
  };
  const take = (line: string): void => {
    const seen = progress.take(line);
    if (seen === 'further') {
      options.onBootstrap?.(progress.percent, progress.summary);
      if (progress.percent >= DONE) settle?.resolve();
      wait(progress.percent > 0 ? stallMs : Math.min(stallMs, PROBLEM_STALL_MS));
    } else if (seen === 'problem') {
      logger.debug(`tor has a problem at ${String(progress.percent)} %: ${progress.warning ?? ''}`);
      wait(Math.min(stallMs, PROBLEM_STALL_MS));
    }
  };
  const takeEvent = ([line = '']: readonly string[]): void => take(line);
  const stops: (() => void)[] = [];
  try {
    wait(stallMs);
    for (const event of ['STATUS_CLIENT', 'STATUS_GENERAL']) {
      stops.push(await connection.listen(event, takeEvent, command));
    }
    take(await connection.getInfo('status/bootstrap-phase', command));
    await untilAborted(done, signal);
  } finally {
    clearTimeout(timer);
    for (const stop of stops) stop();
  }
}

/** What tor has told about its start; fed with the lines of its status events. */
export class BootstrapProgress {
  percent = -1;
  summary = 'Starting';
  warning: string | undefined;
  /** Seconds by which this machine's clock is ahead of the network, if tor finds it wrong. */
  clockSkew: number | undefined;
  #hasProblem = false;

  /** 'problem' is told once, until there is progress again. */
  take(line: string): 'further' | 'problem' | 'nothing' {
    const { words, keywords } = parseKeywords(line);
    if (words.includes('CLOCK_SKEW')) {
      this.clockSkew = Number(keywords.get('SKEW'));
      return 'nothing';
    }
    if (!words.includes('BOOTSTRAP')) return 'nothing';
    const percent = Number(keywords.get('PROGRESS'));
    if (words.includes('WARN')) this.warning = keywords.get('WARNING');
    if (percent > this.percent) {
      this.percent = percent;
      this.summary = keywords.get('SUMMARY') ?? this.summary;
      if (!words.includes('WARN')) this.warning = undefined;
      this.#hasProblem = false;
      return 'further';
    }
    // tor recommends to ignore its first failures: with some relays down there are always some.
    if (keywords.get('RECOMMENDATION') !== 'warn' || this.#hasProblem) return 'nothing';
    this.#hasProblem = true;
    return 'problem';
  }
}

function stalled(progress: BootstrapProgress, logged: string | undefined): OnionferryError {
  const said = progress.warning ?? logged;
  const at = `tor gets no further than ${String(Math.max(progress.percent, 0))} % (${progress.summary})`;
  return new OnionferryError(
    'ERR_TOR_BOOTSTRAP',
    `${at}${said === undefined ? '' : `: ${said}`}; ${hint(progress)}`,
  );
}

function hint({ clockSkew, percent }: BootstrapProgress): string {
  if (clockSkew !== undefined) {
    return `the clock of this machine is wrong by about ${String(Math.abs(Math.round(clockSkew / 60)))} minutes: set it`;
  }
  return percent < CONNECTED
    ? 'check that this machine reaches the internet; where Tor is blocked, give bridges with --torrc FILE'
    : 'the network is very slow, or it cuts Tor off: try again, or give bridges with --torrc FILE';
}
