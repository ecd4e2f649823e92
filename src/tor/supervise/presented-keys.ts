import { OnionferryError } from '../../base/errors.js';
import type { Logger } from '../../base/logger.js';
import type { OnionAddress } from '../../onion/address.js';
import type { ClientKey } from '../../onion/client-key.js';
import type { PresentedKey } from '../dial/present-key.js';

/** One run of a tor. */
export interface KeyHost {
  readonly hasEnded: boolean;
  presentKey(onion: OnionAddress, key: ClientKey): Promise<PresentedKey>;
}

interface Shown {
  readonly key: ClientKey;
  /** Calls that need it. */
  holders: number;
  current: PresentedKey | undefined;
}

/** The keys that a tor shows at private addresses: in each of its runs, and for as long as anybody needs them. */
export class PresentedKeys {
  readonly #shown = new Map<OnionAddress, Shown>();
  /** tor is asked for one thing at a time, so that an end does not take what has just begun. */
  #turn: Promise<unknown> = Promise.resolve();

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
        const current = await host.presentKey(onion, key);
        this.#shown.set(onion, { key, holders: 1, current });
      } else shown.holders++;
    });
    let closing: Promise<void> | undefined;
    return { close: () => (closing ??= this.#release(onion)) };
  }

  /** Shows all of them on the next run. */
  async renew(host: KeyHost, logger: Logger): Promise<void> {
    await this.#inTurn(async () => {
      for (const [onion, shown] of this.#shown) {
        try {
          shown.current = await host.presentKey(onion, shown.key);
        } catch (error) {
          // Dials will say that a key is missing.
          logger.debug(`showing the key for ${onion} again: ${String(error)}`);
        }
      }
    });
  }

  async #release(onion: OnionAddress): Promise<void> {
    await this.#inTurn(async () => {
      const shown = this.#shown.get(onion);
      if (shown === undefined || --shown.holders > 0) return;
      this.#shown.delete(onion);
      await shown.current?.close();
    });
  }

  async #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(work);
    // The caller gets the error of its own turn; the next turn only waits.
    this.#turn = turn.catch(() => undefined);
    await turn;
  }
}
