import { deadline, untilAborted, within } from '../../base/deadline.js';
import { type Deferred, deferred } from '../../base/deferred.js';
import { OnionferryError } from '../../base/errors.js';
import type { Logger } from '../../base/logger.js';
import type { ControlConnection } from '../control/connection.js';
import { isRefusal, parseKeywords } from '../control/quoting.js';
import type { StartTorOptions } from './tor.js';

/** Without any progress for this long, tor will hardly get any further by itself. */
export const BOOTSTRAP_STALL_MS = 60_000;
/**
 * The same once tor reports a problem, and at 0 %: without any network tor stays there and reports
 * nothing, with one it leaves within a second.
 */
const PROBLEM_STALL_MS = 15_000;
/** Where there are no events. */
const POLL_MS = 1_000;
const DONE = 100;
/** tor has the directory ("enough_dirinfo"): from here on it builds circuits for who asks. */
const DIALABLE = 75;
/** Below this, tor has not had an answer from the network yet. */
const CONNECTED = 15;

export interface BootstrapOptions extends Pick<StartTorOptions, 'onBootstrap' | 'signal'> {
  /** Called once, if tor gets as far as that without being connected. */
  readonly onDialable?: (() => void) | undefined;
  /** Default BOOTSTRAP_STALL_MS. */
  readonly stallMs?: number | undefined;
  /** Default PROBLEM_STALL_MS. */
  readonly problemStallMs?: number | undefined;
  /** The last warning in tor's log. */
  readonly lastWarning: () => string | undefined;
  readonly logger: Logger;
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
  const { stallMs = BOOTSTRAP_STALL_MS, problemStallMs = PROBLEM_STALL_MS, logger } = options;
  const progress = new BootstrapProgress();
  using limit = deadline(stallMs, () => stalled(progress, options.lastWarning()), options.signal);
  const { signal } = limit;
  const done: Deferred<void> = deferred();
  let { onDialable } = options;
  const take = (line: string): void => {
    const seen = progress.take(line);
    if (seen === 'further') {
      options.onBootstrap?.(progress.percent, progress.summary);
      if (progress.percent >= DONE) done.resolve();
      else if (progress.percent >= DIALABLE) {
        onDialable?.();
        onDialable = undefined;
      }
      limit.extend(progress.percent > 0 ? stallMs : Math.min(stallMs, problemStallMs));
    } else if (seen === 'problem') {
      logger.debug(`tor has a problem at ${String(progress.percent)} %: ${progress.warning ?? ''}`);
      limit.extend(Math.min(stallMs, problemStallMs));
    }
  };
  const takeEvent = ([line = '']: readonly string[]): void => take(line);
  try {
    using _client = await connection.listen('STATUS_CLIENT', takeEvent, { signal });
    using _general = await connection.listen('STATUS_GENERAL', takeEvent, { signal });
    take(await connection.getInfo('status/bootstrap-phase', { signal }));
    await untilAborted(done.promise, signal);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    await pollBootstrap(connection, take, done.promise, signal);
  }
}

/** Where a filter lets no events through. A tor that does not even say this is taken as connected. */
async function pollBootstrap(
  connection: ControlConnection,
  take: (line: string) => void,
  done: Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    try {
      take(await connection.getInfo('status/bootstrap-phase', { signal }));
    } catch (error) {
      if (isRefusal(error)) return;
      throw error;
    }
    if (await within(done, POLL_MS, signal)) return;
  }
}

/** How far tor has got, by the lines of its status events. */
export class BootstrapProgress {
  percent = -1;
  summary = 'Starting';
  warning: string | undefined;
  /** Seconds by which this machine's clock is ahead of the network's, if tor finds it wrong. */
  clockSkew: number | undefined;
  #hasProblem = false;

  /** 'problem' is returned once, until there is progress again. */
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
    // tor recommends ignoring its first failures: some relays are always down.
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
    return `this machine's clock is wrong by about ${Math.abs(Math.round(clockSkew / 60))} minutes: set it`;
  }
  return percent < CONNECTED
    ? 'check the connection to the internet; where Tor is blocked, use bridges (--bridge)'
    : 'the network is very slow or blocks Tor: try again, or use bridges (--bridge)';
}
