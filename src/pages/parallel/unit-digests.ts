import { createHash, type Hash } from 'node:crypto';
import type { Representation } from '../../onion-http/content/representation.js';
import { UNIT_BYTES } from './limits.js';

/** Representations remembered: at most 64 KiB each */
const REMEMBERED = 64;

/** SHA-256 of a representation. */
export interface Digests {
  /** Of the whole, in hex */
  readonly sha256: string;
  /** Of each unit of UNIT_BYTES, 32 bytes each, one after the other */
  readonly units: Buffer;
}

/**
 * Reads representations once to tell their checksums, one after the other, so that many who ask
 * cost no more than one.
 */
export class UnitDigests {
  /** By entity tag, the oldest first */
  readonly #known = new Map<string, Promise<Digests>>();
  readonly #signal: AbortSignal;
  #turn: Promise<unknown> = Promise.resolve();

  /** @param signal ends all reading */
  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  /** @throws what reading fails with; then it is read anew the next time */
  async of(representation: Representation): Promise<Digests> {
    const { etag } = representation;
    const known = this.#known.get(etag);
    if (known !== undefined) return await known;
    const reading = this.#turn.then(() => digestsOf(representation, this.#signal));
    this.#turn = reading.catch(() => undefined);
    this.#known.set(etag, reading);
    const [oldest] = this.#known.keys();
    if (this.#known.size > REMEMBERED && oldest !== undefined) this.#known.delete(oldest);
    try {
      return await reading;
    } catch (error) {
      this.#known.delete(etag);
      throw error;
    }
  }
}

async function digestsOf(representation: Representation, signal: AbortSignal): Promise<Digests> {
  const whole = createHash('sha256');
  const units: Buffer[] = [];
  let unit: Hash | undefined;
  let missing = UNIT_BYTES;
  for await (const given of representation.open({ start: 0, end: representation.size }, signal)) {
    signal.throwIfAborted();
    // What a representation is made of are bytes.
    const piece = given as Uint8Array;
    whole.update(piece);
    for (let at = 0; at < piece.length; ) {
      unit ??= createHash('sha256');
      const part = piece.subarray(at, at + missing);
      unit.update(part);
      at += part.length;
      missing -= part.length;
      if (missing > 0) continue;
      units.push(unit.digest());
      unit = undefined;
      missing = UNIT_BYTES;
    }
  }
  if (unit !== undefined) units.push(unit.digest());
  return { sha256: whole.digest('hex'), units: Buffer.concat(units) };
}
