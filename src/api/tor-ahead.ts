import { asOnionferryError, hasCode, OnionferryError } from '../base/errors.js';
import type { Logger } from '../base/logger.js';
import type { Tor } from '../tor/instance/tor.js';
import { findTor } from '../tor/program/find-tor.js';
import { startSupervisedTor } from '../tor/supervise/supervised-tor.js';
import {
  type AnyOption,
  applyOptions,
  type Option,
  type Settings,
  type TorListener,
} from './settings.js';
import { torOptionsOf } from './shared-tor.js';

/**
 * A tor that connects to its network while a person still types what it is for. Until a call takes
 * it, it says nothing; if none does, it is closed here.
 */
export class TorAhead implements AsyncDisposable {
  readonly #settings: Settings;
  #starting: Promise<Tor | undefined> = Promise.resolve(undefined);
  readonly #ending = new AbortController();
  #listener: TorListener | undefined;
  /** The last progress, for who listens later. */
  #progress: readonly [number, string] | undefined;
  #isTaken = false;

  /** @param options of the call that will take it */
  constructor(...options: readonly AnyOption[]) {
    this.#settings = applyOptions(options);
  }

  /** Starts it, unless the options name one that runs already. */
  begin(): void {
    if (this.#settings.tor.running !== undefined) return;
    this.#starting = this.#start(this.#settings);
    // Thrown to who takes it, if anybody does.
    this.#starting.catch(() => undefined);
  }

  /**
   * The tor, which is the caller's from here on; undefined if none was begun, or there is none to
   * start that is not to be installed first.
   *
   * @throws as startSupervisedTor does; the signal's reason
   */
  async take(listener: TorListener): Promise<Tor | undefined> {
    this.#isTaken = true;
    this.#listener = listener;
    if (this.#progress !== undefined) listener.onBootstrap?.(...this.#progress);
    const end = (): void => this.#end();
    listener.signal?.addEventListener('abort', end, { once: true });
    if (listener.signal?.aborted === true) end();
    try {
      return await this.#starting;
    } catch (error) {
      listener.signal?.throwIfAborted();
      throw error;
    } finally {
      listener.signal?.removeEventListener('abort', end);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isTaken) return;
    this.#end();
    const tor = await this.#starting.catch(() => undefined);
    await tor?.close();
  }

  #end(): void {
    this.#ending.abort(new OnionferryError('ERR_INTERRUPTED', 'tor is not needed'));
  }

  async #start({ dataDir, foundTor, tor }: Settings): Promise<Tor | undefined> {
    const { program } = tor;
    const { signal } = this.#ending;
    const logger: Logger = {
      debug: (message) => this.#listener?.logger?.debug(message),
      warn: (message) => this.#listener?.logger?.warn(message),
    };
    try {
      const found = foundTor ?? (await findTor({ dataDir, program, logger, signal }));
      return await startSupervisedTor({
        ...torOptionsOf(tor),
        ...{ dataDir, found, logger, signal },
        onBootstrap: (percent, summary) => {
          this.#progress = [percent, summary];
          this.#listener?.onBootstrap?.(percent, summary);
        },
        onDialable: (socks) => this.#listener?.onDialable?.(socks),
        onAway: (reason) => this.#listener?.onAway?.(reason),
      });
    } catch (error) {
      // Whoever needs it may have it installed.
      if (hasCode(error, 'ERR_TOR_MISSING', 'ERR_TOR_TOO_OLD')) return undefined;
      throw asOnionferryError(error, 'ERR_INTERNAL', 'tor could not be started');
    }
  }
}

/** Has a call take this tor, if it was begun, instead of starting one. */
export function withTorAhead(torAhead: TorAhead): Option {
  return (settings) => {
    settings.torAhead = torAhead;
  };
}
