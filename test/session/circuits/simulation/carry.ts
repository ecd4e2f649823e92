import { ChunkPlan } from '../../../../src/stream/chunk-plan.js';
import { Ranges } from '../../../../src/stream/ranges.js';
import { fairShares } from './fair-share.js';
import { type Network, type Path, roundTrip } from './network.js';
import type { Random } from './random.js';
import type { Choice, HopSample, Strategy } from './strategy.js';

const STEP_MS = 50;
const DECIDE_EVERY_MS = 250;
const ACK_SOON_MS = 50;
const MAX_S = 3_600;
const CELL = 498;
/** tor's congestion control for onion services: where slow start begins and ends, and what follows. */
const WINDOW_FIRST = 124 * CELL;
const SLOW_START_END = 475 * CELL;
const WINDOW_STEP = 31 * CELL;
/** Of a window that meets a full relay, what Vegas leaves waiting there. */
const QUEUED = 1.2;
/** Of an unsteady network: how often each of these happens, in seconds, and how long it lasts. */
const DEATH_EVERY_S = 300;
const VANISH_EVERY_S = 600;
const VANISHED_S = 10;
const CHANGE_EVERY_S = 120;
const DIAL_FAILS = 0.05;
const FAILED_DIAL_S = 10;

interface SimulatedStream {
  readonly path: Path;
  readonly since: number;
  readonly roundTripS: number;
  /** Of what full relays give it. */
  readonly weight: number;
  window: number;
  isSlowStart: boolean;
  /** Given by the plan and not carried yet. */
  readonly pieces: { position: number; length: number; left: number }[];
  bytes: number;
  frames: number;
}

interface Arrival {
  readonly at: number;
  readonly number: number;
  readonly position: number;
  readonly length: number;
}

export interface Carried {
  /** Of content, a second. */
  readonly rate: number;
  /** Of what the network could carry. */
  readonly part: number;
  readonly seconds: number;
  /** Circuits that were built, all in all. */
  readonly drawn: number;
  /** The mean of those that lived. */
  readonly living: number;
  /** Bytes that came twice, as part of the content. */
  readonly twice: number;
  /** From 95 % of the content to all of it. */
  readonly tailS: number;
}

/** Carries content of this length over circuits of a network, as a strategy chooses them. */
export function carry(
  network: Network,
  random: Random,
  strategy: Strategy,
  total: number,
): Carried {
  const simulation = new Simulation(network, random, strategy, total);
  return simulation.run();
}

class Simulation {
  readonly #network: Network;
  readonly #random: Random;
  readonly #total: number;
  readonly #plan: ChunkPlan;
  readonly #streams = new Map<number, SimulatedStream>();
  readonly #dials: {
    readonly at: number;
    readonly number: number;
    readonly path: Path | undefined;
  }[] = [];
  readonly #arrivals: Arrival[] = [];
  readonly #acks: { readonly at: number; readonly number: number; readonly frames: number }[] = [];
  readonly #decide: (sample: HopSample) => Choice;
  readonly #vanished = new Map<Path[number], { readonly until: number; readonly rate: number }>();
  readonly #come = new Ranges();
  #now = 0;
  #next = 0;
  #bytes = 0;
  #drawn = 0;

  constructor(network: Network, random: Random, strategy: Strategy, total: number) {
    this.#network = network;
    this.#random = random;
    this.#total = total;
    this.#plan = new ChunkPlan({ chunkBytes: 256 * 1024, shortestBytes: 32 * 1024, total });
    const dials = Array.from({ length: 4 }, () => network.dial(network.draw()) * 1000);
    const dialMs = Math.min(...dials);
    this.#decide = strategy.start({ dialMs });
    const ahead = strategy.ahead({ bytes: total, dialMs });
    // Dialled while the two sides met, which takes about a dial and a half.
    for (let i = 0; i < ahead; i++) this.#dial(1.5 * dialMs);
    this.#dials.sort((a, b) => a.at - b.at);
    const [first] = this.#dials.splice(
      this.#dials.findIndex(({ path }) => path !== undefined),
      1,
    );
    if (first !== undefined) this.#dials.unshift({ ...first, at: 0 });
  }

  run(): Carried {
    let living = 0;
    let steps = 0;
    let nearlyAt: number | undefined;
    while (this.#come.bytes < this.#total && this.#now < MAX_S * 1000) {
      this.#trouble();
      this.#join();
      if (this.#now % DECIDE_EVERY_MS === 0) this.#choose();
      this.#give();
      this.#move();
      this.#arrive();
      living += this.#streams.size;
      steps++;
      this.#now += STEP_MS;
      if (this.#come.bytes >= this.#total * 0.95) nearlyAt ??= this.#now;
    }
    const seconds = this.#now / 1000;
    const rate = this.#total / seconds;
    return {
      ...{ rate, seconds, part: rate / this.#network.bound, drawn: this.#drawn },
      ...{ living: living / steps, twice: this.#bytes / this.#total - 1 },
      tailS: (this.#now - (nearlyAt ?? this.#now)) / 1000,
    };
  }

  #dial(aheadMs = 0): void {
    const path = this.#network.draw();
    const fails = this.#network.isUnsteady && this.#random.next() < DIAL_FAILS;
    const seconds = fails ? FAILED_DIAL_S : this.#network.dial(path);
    const at = Math.max(this.#now, this.#now + seconds * 1000 - aheadMs);
    this.#dials.push({ at, number: this.#next++, path: fails ? undefined : path });
    this.#drawn++;
  }

  #join(): void {
    for (const dial of [...this.#dials]) {
      if (dial.at > this.#now) continue;
      this.#dials.splice(this.#dials.indexOf(dial), 1);
      const { path, number } = dial;
      if (path === undefined) continue;
      this.#plan.join(number, this.#now);
      this.#streams.set(number, {
        ...{ path, since: this.#now, roundTripS: roundTrip(path), window: WINDOW_FIRST },
        ...{ isSlowStart: true, pieces: [], bytes: 0, frames: 0 },
        weight: this.#network.weightOf(path),
      });
    }
  }

  #choose(): void {
    const streams = [...this.#streams].map(([number, { since, bytes }]) => ({
      ...{ number, since, bytes },
    }));
    const hops = new Map(
      [...this.#streams].map(([number, { path }]) => [number, this.#network.hopOf(path)]),
    );
    const missing = this.#total - this.#come.bytes;
    const flows = this.#streams;
    const sample = { now: this.#now, bytes: this.#bytes, missing, streams, hops, flows };
    const { wanted, dropped } = this.#decide(sample);
    for (const number of dropped) this.#end(number);
    for (let i = this.#streams.size + this.#dials.length; i < wanted; i++) this.#dial();
  }

  #end(number: number): void {
    this.#streams.delete(number);
    this.#plan.leave(number);
  }

  #give(): void {
    for (const [number, { pieces }] of this.#streams) {
      for (let piece = this.#plan.take(number, this.#now); piece; ) {
        pieces.push({ ...piece, left: piece.length });
        piece = this.#plan.take(number, this.#now);
      }
    }
  }

  /** What circuits carry in one step. */
  #move(): void {
    const stepS = STEP_MS / 1000;
    const busy = [...this.#streams].filter(([, { pieces }]) => pieces.length > 0);
    const flows = busy.map(([, { path, weight, window, roundTripS, pieces }]) => ({
      ...{ path, weight },
      demand: Math.min(
        window / roundTripS,
        pieces.reduce((sum, { left }) => sum + left, 0) / stepS,
      ),
    }));
    const shares = fairShares(flows);
    for (const [i, [number, stream]] of busy.entries()) {
      const share = shares[i] ?? 0;
      this.#widen(stream, share);
      let carried = share * stepS;
      while (carried > 0) {
        const [piece] = stream.pieces;
        if (piece === undefined) break;
        const part = Math.min(carried, piece.left);
        piece.left -= part;
        carried -= part;
        if (piece.left > 0.5) break;
        stream.pieces.shift();
        const at = this.#now + (stream.roundTripS / 2) * 1000;
        this.#arrivals.push({ at, number, position: piece.position, length: piece.length });
      }
    }
  }

  #widen(stream: SimulatedStream, share: number): void {
    const { roundTripS, window } = stream;
    const trips = STEP_MS / 1000 / roundTripS;
    const full = window / roundTripS;
    if (share >= full * 0.95) {
      stream.isSlowStart &&= window < SLOW_START_END;
      stream.window = stream.isSlowStart
        ? Math.min(SLOW_START_END, window * 2 ** trips)
        : window + WINDOW_STEP * trips;
    } else if (stream.pieces.length > 1) {
      stream.isSlowStart = false;
      const settled = Math.max(WINDOW_FIRST, share * roundTripS * QUEUED);
      stream.window = Math.max(settled, window - (window - settled) * trips);
    }
  }

  #arrive(): void {
    for (const arrival of [...this.#arrivals]) {
      if (arrival.at > this.#now) continue;
      this.#arrivals.splice(this.#arrivals.indexOf(arrival), 1);
      const { number, position, length } = arrival;
      const stream = this.#streams.get(number);
      if (stream === undefined) continue;
      stream.bytes += length;
      stream.frames++;
      this.#bytes += length;
      this.#come.add(position, position + length);
      const at = this.#now + (stream.roundTripS / 2) * 1000 + ACK_SOON_MS;
      this.#acks.push({ at, number, frames: stream.frames });
    }
    for (const ack of [...this.#acks]) {
      if (ack.at > this.#now) continue;
      this.#acks.splice(this.#acks.indexOf(ack), 1);
      if (this.#streams.has(ack.number)) {
        this.#plan.acknowledge(ack.number, ack.frames, this.#now);
      }
    }
  }

  /** Circuits that die, relays that vanish for a while, rates that change. */
  #trouble(): void {
    const random = this.#random;
    for (const [relay, { until, rate }] of this.#vanished) {
      if (until > this.#now) continue;
      relay.rate = rate;
      this.#vanished.delete(relay);
    }
    if (!this.#network.isUnsteady) return;
    const happens = (everyS: number): boolean => random.next() < STEP_MS / 1000 / everyS;
    for (const number of [...this.#streams.keys()]) {
      if (this.#streams.size > 1 && happens(DEATH_EVERY_S)) this.#end(number);
    }
    for (const relay of this.#network.relays.slice(0, -2)) {
      if (this.#vanished.has(relay)) continue;
      if (happens(VANISH_EVERY_S)) {
        const until = this.#now + VANISHED_S * 1000;
        this.#vanished.set(relay, { until, rate: relay.rate });
        relay.rate = 1;
      } else if (happens(CHANGE_EVERY_S)) relay.rate = relay.usual * random.between(0.5, 1.4);
    }
  }
}
