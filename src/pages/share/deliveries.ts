import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { ByteRange } from '../../onion-http/content/conditions.js';
import { roundTripOf } from '../../onion-http/round-trips.js';
import type { Sent } from './arrival.js';

export interface DeliveryTimes {
  /** A visitor who closes the connection and does not ask for the same again so long has it all. */
  readonly closedMs: number;
  /** The same for a visitor who keeps the connection and is silent: tor may still be delivering. */
  readonly silentMs: number;
  /** When a visitor who keeps the connection has a reply, after tor has taken it; if that is known. */
  readonly arrivalMs: (sent: Sent) => number | undefined;
}

/** Replies remembered that broke off or wait for a sign; the oldest are dropped. */
const REPLIES_MAX = 10_000;

export interface DeliveriesOptions {
  readonly times: DeliveryTimes;
  /**
   * Called with a part that its visitor has: `sure` if it has shown so, `presumed` if it has only
   * not asked again.
   */
  readonly onArrived: (key: string, part: ByteRange, how: 'sure' | 'presumed') => void;
  /** Whether everything that waits for a sign may count. */
  readonly hasRoom: () => boolean;
}

/** One reply; disposed of when it has ended, in whatever way. */
export interface Delivery extends Disposable {
  /** The socket has taken this part. */
  delivered(part: ByteRange): void;
}

/** `sent`: tor has taken all of it. `broken`: it ended early, or its connection broke afterwards. */
type State = 'running' | 'sent' | 'broken';

interface Reply {
  readonly key: string;
  readonly socket: Socket;
  readonly response: ServerResponse;
  /** When tor began to take it. */
  readonly since: number;
  /** Of this reply alone. */
  bytes: number;
  part: ByteRange;
  state: State;
  /** The same was asked for on another connection meanwhile, perhaps by the same visitor. */
  isAskedAgain: boolean;
  /** Ends the wait for a sign. */
  stop: () => void;
}

/**
 * What visitors of an onion service have received of what was sent to them.
 *
 * The socket takes a reply long before it is delivered: some hundred kilobytes fit into tor and the
 * circuit, and a visitor who goes away meanwhile may have none of it. Tor does not say how much
 * arrived, only that a stream has ended. So a part counts as received when its visitor
 *
 * - asks for something else on the same connection, which clients do after the last byte,
 * - resumes behind it, which shows how far it got, or
 * - keeps the connection open for longer than the reply can have needed, as far as that is known, or
 * - closes the connection and does not come back, or keeps it open in silence.
 *
 * A connection that breaks with bytes left in it shows the opposite.
 */
export class Deliveries {
  readonly #times: DeliveryTimes;
  readonly #onArrived: DeliveriesOptions['onArrived'];
  readonly #hasRoom: DeliveriesOptions['hasRoom'];
  /** Oldest first; without those that have arrived */
  readonly #replies = new Set<Reply>();
  /** The same ones */
  readonly #byKey = new Map<string, Set<Reply>>();
  /** The last one on each connection */
  readonly #latest = new WeakMap<Socket, Reply>();

  constructor({ times, onArrived, hasRoom }: DeliveriesOptions) {
    this.#times = times;
    this.#onArrived = onArrived;
    this.#hasRoom = hasRoom;
  }

  /** The keys of all replies that have not arrived. */
  keys(): IterableIterator<string> {
    return this.#byKey.keys();
  }

  has(key: string): boolean {
    return this.#byKey.has(key);
  }

  isRunning(key: string): boolean {
    return this.#of(key, 'running').length > 0;
  }

  /** Whether some were sent completely and wait for a sign. */
  get isAnyWaiting(): boolean {
    return [...this.#replies].some(({ state }) => state === 'sent');
  }

  /** Parts that were sent completely and wait for a sign. */
  waiting(key: string): readonly ByteRange[] {
    return this.#of(key, 'sent').map(({ part }) => part);
  }

  /** A request has come: its visitor has all that was sent on this connection before. */
  asked({ socket }: IncomingMessage): void {
    const before = this.#latest.get(socket);
    if (before === undefined || !this.#replies.has(before)) return;
    // This may come before its end is noted.
    const isSent = before.state === 'running' && before.response.writableFinished;
    if (isSent || before.state === 'sent') this.#arrived(before, before.part, 'sure');
  }

  /** @param key of the representation, which no other bytes have */
  begin(key: string, { socket }: IncomingMessage, response: ServerResponse): Delivery {
    let reply: Reply | undefined;
    return {
      delivered: (part) => {
        if (reply === undefined) {
          if (part.start > 0) this.#resumed(key, part.start);
          else this.#askedAgain(key);
          reply = {
            ...{ key, socket, response, part },
            since: performance.now(),
            bytes: part.end - part.start,
            state: 'running',
            isAskedAgain: false,
            stop: () => undefined,
          };
          this.#remember(reply);
        } else {
          reply.part = { start: reply.part.start, end: part.end };
          reply.bytes += part.end - part.start;
        }
      },
      [Symbol.dispose]: () => {
        if (reply !== undefined) this.#ended(reply);
      },
    };
  }

  #of(key: string, state: State): Reply[] {
    return [...(this.#byKey.get(key) ?? [])].filter((reply) => reply.state === state);
  }

  #remember(reply: Reply): void {
    const { key, socket } = reply;
    this.#replies.add(reply);
    this.#byKey.set(key, (this.#byKey.get(key) ?? new Set()).add(reply));
    this.#latest.set(socket, reply);
    const [oldest] = this.#replies;
    if (this.#replies.size > REPLIES_MAX && oldest !== undefined) this.#forget(oldest);
  }

  #forget(reply: Reply): void {
    reply.stop();
    this.#replies.delete(reply);
    const others = this.#byKey.get(reply.key);
    others?.delete(reply);
    if (others?.size === 0) this.#byKey.delete(reply.key);
  }

  #askedAgain(key: string): void {
    for (const reply of this.#byKey.get(key) ?? []) reply.isAskedAgain = true;
  }

  /** Its visitor has what comes before `start`, and lacks the rest. */
  #resumed(key: string, start: number): void {
    for (const state of ['broken', 'sent', 'running'] as const) {
      const before = this.#of(key, state).find(
        ({ part }) => part.start < start && start <= part.end,
      );
      if (before === undefined) continue;
      const { part } = before;
      if (state === 'running') {
        // It may be another visitor's, and continue.
        before.part = { start, end: part.end };
        this.#onArrived(key, { start: part.start, end: start }, 'sure');
      } else {
        this.#arrived(before, { start: part.start, end: start }, 'sure');
      }
      return;
    }
  }

  #ended(reply: Reply): void {
    if (!this.#replies.has(reply)) return;
    const { socket, response, bytes, since } = reply;
    const { closedMs, silentMs, arrivalMs } = this.#times;
    if (!response.writableFinished) {
      reply.state = 'broken';
      return;
    }
    reply.state = 'sent';
    const wait = (ms: number, then: () => void): void => {
      const timer = setTimeout(then, ms);
      timer.unref();
      reply.stop = () => {
        clearTimeout(timer);
        socket.off('close', closed);
      };
    };
    const closed = (): void => {
      reply.stop();
      // Bytes were left in it when tor closed it.
      if (socket.errored !== null) reply.state = 'broken';
      // If this side has closed it, its visitor has shown nothing.
      else wait(response.shouldKeepAlive ? closedMs : silentMs, presume);
    };
    const presume = (): void => this.#presume(reply);
    const tookMs = performance.now() - since;
    const roundTripMs = roundTripOf({ socket });
    const arrivesMs = response.shouldKeepAlive
      ? arrivalMs({ bytes, tookMs, roundTripMs })
      : undefined;
    if (socket.destroyed) {
      closed();
    } else {
      socket.once('close', closed);
      if (arrivesMs === undefined || arrivesMs > silentMs) wait(silentMs, presume);
      else {
        wait(arrivesMs, () => {
          // Perhaps by the same visitor, whose first try has failed.
          if (reply.isAskedAgain) wait(silentMs, presume);
          else this.#arrived(reply, reply.part, 'sure');
        });
      }
    }
  }

  #presume(reply: Reply): void {
    // With the limit reached, it is somebody's second try rather than somebody else's first. If it
    // was somebody else, they may come back as after any download that broke off.
    if (reply.isAskedAgain && !this.#hasRoom()) reply.state = 'broken';
    else this.#arrived(reply, reply.part, 'presumed');
  }

  #arrived(reply: Reply, part: ByteRange, how: 'sure' | 'presumed'): void {
    this.#forget(reply);
    this.#onArrived(reply.key, part, how);
  }
}
