import type { Duplex } from 'node:stream';
import type { Bytes } from '../base/bytes.js';
import type { OnionferryError } from '../base/errors.js';
import { type ByteChannel, connectionBroke } from '../stream/byte-channel.js';

/** The bytes of a socket, or of anything else that Node calls a Duplex. It owns the duplex. */
export class DuplexChannel implements ByteChannel {
  readonly closed: Promise<void>;
  readonly #duplex: Duplex;
  readonly #incoming: AsyncIterator<Uint8Array>;
  /** One listener for all that is being written: a stalled connection may hold many frames. */
  readonly #leaving = new Set<(reason: OnionferryError) => void>();

  constructor(duplex: Duplex) {
    this.#duplex = duplex;
    // Readers and writers get the error; without a listener Node would throw it.
    duplex.on('error', () => undefined);
    // A Duplex yields Buffers as long as nobody sets an encoding or object mode; nobody does.
    this.#incoming = (duplex as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
    this.closed = new Promise((resolve) => {
      const close = (): void => {
        for (const reject of this.#leaving) reject(connectionBroke(duplex.errored));
        this.#leaving.clear();
        resolve();
      };
      if (duplex.closed) close();
      else duplex.once('close', close);
    });
  }

  write(parts: readonly Bytes[]): Promise<void> {
    const duplex = this.#duplex;
    if (parts.length === 0) return Promise.resolve();
    if (duplex.destroyed || duplex.writableEnded)
      return Promise.reject(connectionBroke(duplex.errored));
    return new Promise((resolve, reject) => {
      // A connection that is closed may never call back.
      this.#leaving.add(reject);
      duplex.cork();
      parts.forEach((part, index) => {
        if (index < parts.length - 1) {
          duplex.write(part);
          return;
        }
        duplex.write(part, (error) => {
          this.#leaving.delete(reject);
          if (error == null) resolve();
          else reject(connectionBroke(error));
        });
      });
      duplex.uncork();
    });
  }

  async read(): Promise<Uint8Array | undefined> {
    try {
      const next = await this.#incoming.next();
      return next.done === true ? undefined : next.value;
    } catch (cause) {
      throw connectionBroke(cause);
    }
  }

  end(): void {
    this.#duplex.end();
  }

  destroy(): void {
    this.#duplex.destroy();
  }
}
