import { Duplex } from 'node:stream';

/** Two ends of one connection inside this process, with back-pressure and half-close. */
export function localPair(): [Duplex, Duplex] {
  const one = new LocalSocket();
  const other = new LocalSocket();
  one.peer = other;
  other.peer = one;
  return [one, other];
}

class LocalSocket extends Duplex {
  peer: LocalSocket | undefined;
  /** The peer's write, held until this side reads on */
  #held: (() => void) | undefined;

  override _read(): void {
    this.#release();
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.peer?.receive(chunk, done);
  }

  override _final(done: () => void): void {
    this.peer?.receive(null, done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#release();
    if (!this.writableFinished) this.peer?.receive(null, () => undefined);
    done(error);
  }

  receive(chunk: Buffer | null, done: () => void): void {
    if (this.destroyed || this.readableEnded || this.push(chunk) || chunk === null) done();
    else this.#held = done;
  }

  #release(): void {
    const held = this.#held;
    this.#held = undefined;
    held?.();
  }
}
