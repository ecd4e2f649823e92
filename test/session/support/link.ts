import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { untilAborted } from '../../../src/base/deadline.js';
import { type Deferred, deferred } from '../../../src/base/deferred.js';
import { OnionferryError } from '../../../src/base/errors.js';
import type { Meeting } from '../../../src/session/meeting/meeting.js';
import type { Met, Reconnect } from '../../../src/session/reconnecting/reconnect.js';
import { nodePrimitives } from '../../../src/transfer/node-primitives.js';
import { socketPair } from '../../support/socket-pair.js';
import type { Side } from './both-sides.js';
import { secureStream } from './ends.js';

const none = new Uint8Array(32);

export type Role = 'sender' | 'recipient';

/** A stream between the two, whose sockets a test may watch, slow down or break. */
export interface Wire {
  readonly generation: number;
  readonly number: number;
  readonly sockets: Readonly<Record<Role, Socket>>;
}

/**
 * Two sides that have met, and can meet again, with nothing but sockets in between: real streams
 * under keys that nobody else has, but no relay.
 */
export class Link {
  /** Every stream that came into being, in order. */
  readonly wires: Wire[] = [];
  /** Called with each before a byte goes over it. */
  onWire: (wire: Wire) => void = () => undefined;
  /** Whether the two find each other again. */
  canMeet = true;
  readonly #waiting = new Map<string, { role: Role; found: Deferred<Socket> }>();
  readonly #returning = new Map<Role, Deferred<Met>>();
  #generation = 0;
  #root: Promise<Uint8Array> = Promise.resolve(randomBytes(32));

  constructor() {
    onTestFinished(() => this.breakAll());
  }

  /** What a side is given at first. */
  first(role: Role): Side {
    const met = this.#met(role);
    return { met, reconnect: this.reconnect(role), primitives: nodePrimitives };
  }

  reconnect(role: Role): Reconnect {
    const ending = new AbortController();
    return {
      meet: async ({ signal } = {}) => {
        const mine = deferred<Met>();
        this.#returning.set(role, mine);
        const either = signal === undefined ? [] : [signal];
        this.#join();
        return await untilAborted(mine.promise, AbortSignal.any([ending.signal, ...either]));
      },
      close: () => {
        ending.abort(new OnionferryError('ERR_INTERRUPTED', 'closed'));
        return Promise.resolve();
      },
    };
  }

  /** As when every circuit dies at once. */
  breakAll(): void {
    for (const { sockets } of this.wires) {
      sockets.sender.destroy();
      sockets.recipient.destroy();
    }
  }

  /** The sender always waits for the recipient to return; that one only when it has lost it. */
  #join(): void {
    const { sender, recipient } = Object.fromEntries(this.#returning);
    if (!this.canMeet || sender === undefined || recipient === undefined) return;
    this.#returning.clear();
    this.#generation++;
    this.#root = Promise.resolve(randomBytes(32));
    this.#waiting.clear();
    sender.resolve(this.#met('sender'));
    recipient.resolve(this.#met('recipient'));
  }

  #met(role: Role): Met {
    const generation = this.#generation;
    const root = this.#root;
    const keys = {
      confirmation: none,
      confirmationHash: none,
      agreement: none,
      agreementHash: none,
      stream: none,
      resumption: none,
      verification: none,
    };
    const meeting: Meeting = {
      channel: 'test',
      keys,
      openStream: async (number, { signal } = {}) => {
        const socket = await untilAborted(this.#pair(role, generation, number), signal);
        const stream = secureStream(socket, role, root, number);
        await untilAborted(stream.established(), signal);
        return stream;
      },
      hasAgreed: false,
      dialMs: undefined,
      releaseAhead: () => undefined,
      abandon: () => Promise.resolve(),
    };
    return { meeting, generation };
  }

  async #pair(role: Role, generation: number, number: number): Promise<Socket> {
    const key = `${generation}/${number}`;
    const other = this.#waiting.get(key);
    if (other === undefined || other.role === role) {
      const found = deferred<Socket>();
      this.#waiting.set(key, { role, found });
      return await found.promise;
    }
    this.#waiting.delete(key);
    const [one, two] = await socketPair();
    const sockets =
      role === 'sender' ? { sender: one, recipient: two } : { sender: two, recipient: one };
    const wire = { generation, number, sockets };
    this.wires.push(wire);
    this.onWire(wire);
    other.found.resolve(sockets[other.role]);
    return sockets[role];
  }
}
