import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import {
  type Elsewhere,
  type WireElsewhere,
  wireElsewhereOf,
} from '../../relay-protocol/elsewhere.js';
import { type WireCode, type WireError, wireErrorOf } from '../../relay-protocol/refusal.js';
import { localPair } from './local-pair.js';
import { finish, staple } from './staple.js';

/** One side of a stream: it waits for the other side and is then joined with it. */
export type StreamEnd = SocketEnd | LocalEnd;

/** What carries a connection and counts its bytes. */
export type Carrier = Pick<Socket, 'bytesRead' | 'bytesWritten'>;

/** A connection whose hello has been read; what follows the hello is the stream's. */
export class SocketEnd {
  readonly kind = 'socket';
  readonly #duplex: Duplex;
  readonly #carrier: Carrier;
  readonly #lingerMs: number;
  /** Of what was read to here: the hello, and what was said before it */
  readonly #begun: number;

  constructor(duplex: Duplex, carrier: Carrier, lingerMs: number) {
    this.#duplex = duplex;
    this.#carrier = carrier;
    this.#lingerMs = lingerMs;
    this.#begun = carrier.bytesRead - duplex.readableLength;
    duplex.on('readable', this.#watch);
    duplex.on('end', this.#hungUp);
  }

  get bytes(): number {
    return this.#carrier.bytesRead + this.#carrier.bytesWritten;
  }

  /** What has come from its client behind the hello. */
  get received(): number {
    return this.#carrier.bytesRead - this.#begun;
  }

  onGone(listener: () => void): void {
    if (this.#duplex.destroyed) listener();
    else this.#duplex.once('close', listener);
  }

  refuse(code: WireCode): void {
    this.#answer(wireErrorOf(code));
  }

  /** Its channel is at another backend. */
  lead(elsewhere: Elsewhere): void {
    this.#answer(wireElsewhereOf(elsewhere));
  }

  #answer(line: WireError | WireElsewhere): void {
    this.#unwatch();
    this.#duplex.write(`${JSON.stringify(line)}\n`);
    this.finish();
  }

  finish(): void {
    finish(this.#duplex, this.#lingerMs);
  }

  /** Tells the client that it is joined, and hands the connection over. */
  accept(): Duplex {
    this.#unwatch();
    this.#duplex.write('{"ok":true}\n');
    return this.#duplex;
  }

  #unwatch(): void {
    this.#duplex.off('readable', this.#watch);
    this.#duplex.off('end', this.#hungUp);
  }

  /** Notices the client's end without consuming what it has sent. */
  readonly #watch = (): void => {
    if (this.#duplex.readableLength === 0) this.#duplex.read();
  };

  readonly #hungUp = (): void => {
    this.#duplex.destroy();
  };
}

/** A stream of a participant in this process, which is handed the other side itself. */
export class LocalEnd {
  readonly kind = 'local';
  readonly #join: (duplex: Duplex) => void;
  readonly #refuse: (code: WireCode) => void;
  readonly #gone: (() => void)[] = [];
  #duplex: Duplex | undefined;

  constructor(join: (duplex: Duplex) => void, refuse: (code: WireCode) => void) {
    this.#join = join;
    this.#refuse = refuse;
  }

  /** The bytes are counted at the other side. */
  get bytes(): number {
    return 0;
  }

  /** Not known: a relay that tells its numbers serves nobody in its own process. */
  get received(): number {
    return 0;
  }

  onGone(listener: () => void): void {
    this.#gone.push(listener);
  }

  refuse(code: WireCode): void {
    this.#refuse(code);
    this.#leave();
  }

  finish(): void {
    this.#duplex?.end();
    this.#leave();
  }

  /** The participant gives the stream up. */
  destroy(): void {
    this.#duplex?.destroy();
    this.#leave();
  }

  accept(duplex: Duplex): void {
    this.#duplex = duplex;
    duplex.once('close', () => this.#leave());
    this.#join(duplex);
  }

  #leave(): void {
    for (const listener of this.#gone.splice(0)) listener();
  }
}

export function joinEnds(a: StreamEnd, b: StreamEnd, lingerMs: number): void {
  if (a.kind === 'socket') {
    if (b.kind === 'socket') staple(a.accept(), b.accept(), lingerMs);
    else b.accept(a.accept());
  } else if (b.kind === 'socket') a.accept(b.accept());
  else {
    const [one, other] = localPair();
    a.accept(one);
    b.accept(other);
  }
}
