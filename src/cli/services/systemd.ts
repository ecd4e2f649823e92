import { spawn } from 'node:child_process';

/** It only passes a message on. */
const NOTIFY_MAX_MS = 10_000;
/** Taking services down and stopping tor, after the program has drained; with some room. */
const ORDERLY_MS = 15_000;

/**
 * What systemd is told of a service of `Type=notify` (sd_notify(3)).
 *
 * Its socket takes datagrams, for which Node has no unix sockets, and packages that add them are
 * compiled at installation. So systemd's own `systemd-notify` carries the messages, which units allow
 * by `NotifyAccess=all`.
 */
export class Systemd implements AsyncDisposable {
  readonly #isThere: boolean;
  readonly #watchdogMs: number | undefined;
  readonly #onFailure: (message: string) => void;
  #last: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #hasFailed = false;

  /** @param onFailure told once: without notices systemd ends the program */
  constructor(environment: NodeJS.ProcessEnv, onFailure: (message: string) => void) {
    this.#isThere = (environment['NOTIFY_SOCKET'] ?? '') !== '';
    this.#watchdogMs = watchdogOf(environment);
    this.#onFailure = onFailure;
  }

  /** Everything was tried to start; from now on systemd is told that the program lives. */
  ready(status: string): void {
    this.#tell('READY=1', `STATUS=${status}`);
    if (this.#watchdogMs === undefined || this.#timer !== undefined) return;
    // A timer: a program whose loop hangs does not come to it.
    this.#timer = setInterval(() => this.#tell('WATCHDOG=1'), this.#watchdogMs / 3);
    this.#timer.unref();
  }

  status(text: string): void {
    this.#tell(`STATUS=${text}`);
  }

  /** @param drainMs how long running transfers may take from now on, before the orderly end */
  stopping(drainMs: number): void {
    this.#tell('STOPPING=1', `EXTEND_TIMEOUT_USEC=${(drainMs + ORDERLY_MS) * 1000}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.#last;
  }

  #tell(...variables: readonly string[]): void {
    if (!this.#isThere) return;
    // In order, and one at a time.
    this.#last = this.#last.then(() => this.#run(variables));
  }

  #run(variables: readonly string[]): Promise<void> {
    return new Promise((resolve) => {
      const child = spawn('systemd-notify', [...variables], {
        stdio: 'ignore',
        timeout: NOTIFY_MAX_MS,
      });
      const failed = (why: string): void => {
        if (!this.#hasFailed) this.#onFailure(`systemd could not be told: ${why}`);
        this.#hasFailed = true;
        resolve();
      };
      child.once('error', (error) => failed(error.message));
      child.once('exit', (status) => {
        if (status === 0) resolve();
        else failed(`systemd-notify ended with ${status ?? 'a signal'}`);
      });
    });
  }
}

/** In ms, if it is for this process. */
function watchdogOf(environment: NodeJS.ProcessEnv): number | undefined {
  const { WATCHDOG_USEC: usec = '', WATCHDOG_PID: pid = '' } = environment;
  if (!/^\d{1,15}$/.test(usec) || (pid !== '' && Number(pid) !== process.pid)) return undefined;
  return Number(usec) / 1000;
}
