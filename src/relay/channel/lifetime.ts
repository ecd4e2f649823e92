import type { RelayLimits } from '../limits.js';

/** When a channel has existed, or been silent, for too long. */
export class Lifetime {
  readonly #limits: Pick<RelayLimits, 'idleMs' | 'lifetimeMs'>;
  readonly #createdAt: number;
  #activeAt: number;
  #flowedAt = Number.NEGATIVE_INFINITY;

  constructor(limits: Pick<RelayLimits, 'idleMs' | 'lifetimeMs'>, now: number) {
    this.#limits = limits;
    this.#createdAt = now;
    this.#activeAt = now;
  }

  touch(now: number): void {
    this.#activeAt = now;
  }

  flow(now: number): void {
    this.#flowedAt = now;
    this.#activeAt = now;
  }

  /** Never while bytes flow. */
  isOver(now: number): boolean {
    const { idleMs, lifetimeMs } = this.#limits;
    if (now - this.#activeAt >= idleMs) return true;
    return now - this.#createdAt >= lifetimeMs && now - this.#flowedAt >= idleMs;
  }
}
