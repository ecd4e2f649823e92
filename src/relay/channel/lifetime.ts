import type { RelayLimits } from '../limits.js';

/** A pair through which nothing has gone for so long carries no bytes: keepalives are more frequent. */
const FLOWING_MS = 60_000;

export interface LifetimeLimits extends Pick<RelayLimits, 'idleMs' | 'lifetimeMs'> {
  /** Without a connection; unless set that is as good as silence. */
  readonly senderGoneMs?: number;
}

/** When a channel or pair has existed, or been silent, for too long. */
export class Lifetime {
  readonly #limits: LifetimeLimits;
  readonly #createdAt: number;
  #activeAt: number;
  #goneSince: number | undefined;
  #flowedAt = Number.NEGATIVE_INFINITY;

  constructor(limits: LifetimeLimits, now: number) {
    this.#limits = limits;
    this.#createdAt = now;
    this.#activeAt = now;
  }

  touch(now: number): void {
    this.#activeAt = now;
  }

  /** Whether the one who keeps it alive has a connection */
  noteConnection(isHere: boolean, now: number): void {
    if (isHere) this.#goneSince = undefined;
    else this.#goneSince ??= now;
  }

  flow(now: number): void {
    this.#flowedAt = now;
    this.#activeAt = now;
  }

  isFlowing(now: number): boolean {
    return now - this.#flowedAt < FLOWING_MS;
  }

  /** Never while bytes flow. */
  isOver(now: number): boolean {
    const { idleMs, lifetimeMs, senderGoneMs = idleMs } = this.#limits;
    if (now - this.#activeAt >= idleMs) return true;
    if (now - (this.#goneSince ?? now) >= senderGoneMs) return true;
    return now - this.#createdAt >= lifetimeMs && now - this.#flowedAt >= idleMs;
  }
}
