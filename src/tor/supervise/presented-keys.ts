import { OnionferryError } from '../../base/errors.js';
import type { Logger } from '../../base/logger.js';
import type { OnionAddress } from '../../onion/address.js';
import type { ClientKey } from '../../onion/client-key.js';
import type { KeyInTor, PresentedKey } from '../dial/present-key.js';

/** One run of a tor. */
export interface KeyHost {
  readonly hasEnded: boolean;
  presentKey(onion: OnionAddress, key: ClientKey): Promise<KeyInTor>;
  /** Calls `listener` each time that it has forgotten its keys, until it ends. */
  onKeysForgotten(listener: () => void): Promise<void>;
}

interface Shown {
  readonly key: ClientKey;
  /** Calls that need it. */
  holders: number;
  current: PresentedKey;
  /** The run that `current` is of. */
  host: KeyHost;
}

/**
 * The keys that a tor shows at private addresses: in each of its runs, and for as long as anybody
 * needs them. NEWNYM, whoever sends it, makes tor forget those that it has in memory alone
 * (hs_client_purge_state in its source), up to ten seconds after it was accepted.
 */
export class PresentedKeys {
  readonly #shown = new Map<OnionAddress, Shown>();
  readonly #logger: Logger;
  #followed: KeyHost | undefined;
  /** tor is asked for one thing at a time, so that an end does not take what has just begun. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** @throws what presenting throws; OnionferryError ERR_KEY if another key is shown there */
  async present(host: KeyHost, onion: OnionAddress, key: ClientKey): Promise<PresentedKey> {
    await this.#inTurn(async () => {
      const shown = this.#shown.get(onion);
      if (shown !== undefined && shown.key !== key) {
        throw new OnionferryError(
          'ERR_KEY',
          'another transfer of this program uses another key for this address: wait until it has ended',
        );
      }
      if (shown === undefined) {
        await this.#follow(host);
        const current = await host.presentKey(onion, key);
        this.#shown.set(onion, { key, holders: 1, current, host });
      } else shown.holders++;
    });
    let closing: Promise<void> | undefined;
    return { close: () => (closing ??= this.#release(onion)) };
  }

  /** Shows all of them on the next run, or on the same one where it has forgotten them. */
  async renew(host: KeyHost): Promise<void> {
    await this.#inTurn(async () => {
      if (this.#shown.size > 0) await this.#follow(host);
      for (const [onion, shown] of this.#shown) {
        try {
          const again = await host.presentKey(onion, shown.key);
          // It was not forgotten: who has shown it takes it back.
          if (again.wasThere && shown.host === host) continue;
          shown.current = again;
          shown.host = host;
        } catch (error) {
          // Dials will say that a key is missing.
          this.#logger.debug(`showing the key for ${onion} again: ${String(error)}`);
        }
      }
    });
  }

  /** Shows what a run has forgotten again, as soon as it says so. */
  async #follow(host: KeyHost): Promise<void> {
    if (this.#followed === host) return;
    this.#followed = host;
    try {
      await host.onKeysForgotten(() => void this.renew(host));
    } catch (error) {
      // A filter in front of its control port may not let events through.
      this.#logger.debug(`tor does not say when it forgets keys: ${String(error)}`);
    }
  }

  async #release(onion: OnionAddress): Promise<void> {
    await this.#inTurn(async () => {
      const shown = this.#shown.get(onion);
      if (shown === undefined || --shown.holders > 0) return;
      this.#shown.delete(onion);
      await shown.current.close();
    });
  }

  async #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(work);
    // The caller gets the error of its own turn; the next turn only waits.
    this.#turn = turn.catch(() => undefined);
    await turn;
  }
}
