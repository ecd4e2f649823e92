import type { Socket } from 'node:net';
import { circuitOf } from './circuits.js';
import type { HttpLimits } from './limits.js';

/**
 * A busy connection that is the only one of its circuit is not closed for another before this: where
 * all have what is theirs, streams that are cut and come back would only cut each other.
 */
export const SETTLED_MS: number = 60_000;

/** Who holds a place: a circuit, what else tells clients apart, or the connection for itself. */
export type Holder = number | string | Socket;

type PlaceLimits = Pick<
  HttpLimits,
  'connections' | 'unauthenticated' | 'newcomers' | 'keptPerCircuit'
>;

interface Place {
  readonly socket: Socket;
  readonly since: number;
  holder: Holder;
  hasPassed: boolean;
  /** Kept alive between two requests */
  isIdle: boolean;
}

/**
 * The places for connections of one service, on all its ports. When they run short, those who hold
 * most give way: a circuit with few connections always gets in, whatever the others do with theirs.
 *
 * Those who have not shown the password give way among themselves, so without it nobody can close
 * the connection of somebody who has it; and some places are always left to newcomers.
 */
export class Places {
  readonly #limits: PlaceLimits;
  readonly #newcomers: number;
  readonly #now: () => number;
  readonly #places = new Map<Socket, Place>();
  /** Oldest first */
  readonly #unauthenticated = new Set<Place>();
  /** Those that are idle in the order in which they became so */
  readonly #passed = new Set<Place>();

  /** @param now a clock in milliseconds that never goes back */
  constructor(limits: PlaceLimits, now: () => number = () => performance.now()) {
    this.#limits = limits;
    this.#newcomers = Math.min(limits.newcomers, Math.floor(limits.connections / 2));
    this.#now = now;
  }

  /** A new connection, which has shown no password yet. */
  enter(socket: Socket): void {
    const holder = circuitOf({ socket }) ?? socket;
    const place = { socket, since: this.#now(), holder, hasPassed: false, isIdle: false };
    this.#places.set(socket, place);
    this.#unauthenticated.add(place);
    socket.once('close', () => this.#leave(place));
    const { connections, unauthenticated } = this.#limits;
    const isFull = this.#places.size > connections;
    const count = this.#unauthenticated.size;
    if (count > unauthenticated || (isFull && count > this.#newcomers)) {
      this.#close(mostCrowded(this.#unauthenticated)[0]);
    } else if (isFull) {
      this.#makeRoom();
    }
  }

  /**
   * It has shown the password, or something like it.
   *
   * @param holder what tells its client apart, where its circuit is unknown
   */
  pass(socket: Socket, holder?: Holder): void {
    const place = this.#places.get(socket);
    if (place === undefined) return;
    if (holder !== undefined) place.holder = holder;
    if (place.hasPassed) return;
    place.hasPassed = true;
    this.#unauthenticated.delete(place);
    this.#passed.add(place);
    if (this.#passed.size > this.#limits.connections - this.#newcomers) this.#makeRoom();
  }

  hasPassed(socket: Socket): boolean {
    return this.#places.get(socket)?.hasPassed === true;
  }

  /** It is in use from now on: by a request, or for good. */
  occupy(socket: Socket): void {
    const place = this.#places.get(socket);
    if (place !== undefined) place.isIdle = false;
  }

  /** It waits for its next request. A circuit keeps only some of those. */
  rest(socket: Socket): void {
    const place = this.#places.get(socket);
    if (place?.hasPassed !== true) return;
    place.isIdle = true;
    this.#passed.delete(place);
    this.#passed.add(place);
    const kept = [...this.#passed].filter(
      ({ isIdle, holder }) => isIdle && holder === place.holder,
    );
    if (kept.length > this.#limits.keptPerCircuit) this.#close(kept[0]);
  }

  /** Closes one that has passed: of those who hold most, one that waits for nothing if there is one. */
  #makeRoom(): void {
    const crowd = mostCrowded(this.#passed);
    this.#close(crowd.find(({ isIdle }) => isIdle) ?? this.#ofBusy(crowd));
  }

  #ofBusy(crowd: readonly Place[]): Place | undefined {
    const holders = new Set(crowd.map(({ holder }) => holder));
    // The youngest has least to lose.
    if (holders.size < crowd.length) return crowd.at(-1);
    const settled = crowd.filter(({ since }) => since <= this.#now() - SETTLED_MS);
    // By lot: in any order, somebody could see to it that it is always another's turn.
    return settled[Math.floor(Math.random() * settled.length)] ?? crowd.at(-1);
  }

  #close(place: Place | undefined): void {
    if (place === undefined) return;
    this.#leave(place);
    // What has been answered on it is still delivered.
    if (place.isIdle) place.socket.destroySoon();
    else place.socket.destroy();
  }

  #leave(place: Place): void {
    this.#places.delete(place.socket);
    this.#unauthenticated.delete(place);
    this.#passed.delete(place);
  }
}

/** The places of all those who hold most, in their order. */
function mostCrowded(places: ReadonlySet<Place>): Place[] {
  const counts = new Map<Holder, number>();
  for (const { holder } of places) counts.set(holder, (counts.get(holder) ?? 0) + 1);
  const most = Math.max(...counts.values());
  return [...places].filter(({ holder }) => counts.get(holder) === most);
}
