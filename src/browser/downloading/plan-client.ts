import * as v from 'valibot';
import { type Bytes, fromBase64 } from '../../base/bytes.js';
import { PARALLEL_MAX_BYTES, SIBLINGS, UNIT_BYTES } from '../../pages/parallel/limits.js';
import {
  PARALLEL_PATHS,
  type ParallelDigests,
  type ParallelPlan,
} from '../../pages/parallel/plan.js';
import { DownloadFailure } from './download-failure.js';

const DIGEST_BYTES = 32;
const UNITS_MAX = Math.ceil(PARALLEL_MAX_BYTES / UNIT_BYTES);
/** Base64 of the digests of the largest download */
const DIGESTS_MAX_CHARACTERS = 4 * Math.ceil((UNITS_MAX * DIGEST_BYTES) / 3);

const PLAN = v.object({
  version: v.pipe(v.string(), v.maxLength(200)),
  bytes: v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(PARALLEL_MAX_BYTES)),
  ticket: v.pipe(v.string(), v.maxLength(8000), v.regex(/^[\w-]+\.[\w-]+$/)),
  origins: v.pipe(
    v.array(v.pipe(v.string(), v.maxLength(100), v.regex(/^http:\/\/[a-z0-9.:-]+$/))),
    v.maxLength(SIBLINGS),
  ),
});

const DIGESTS = v.object({
  sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  units: v.pipe(v.string(), v.maxLength(DIGESTS_MAX_CHARACTERS)),
});

/** Checksums of all that is fetched. */
export interface FetchedDigests {
  /** Of the whole, in hex */
  readonly sha256: string;
  readonly units: Bytes;
}

/** @returns undefined for anything else */
export function parsePlan(plan: unknown): ParallelPlan | undefined {
  const parsed = v.safeParse(PLAN, plan);
  return parsed.success ? parsed.output : undefined;
}

/** What the page asks of its own address. */
export class PlanClient {
  readonly #planPath: string;
  readonly #base: string;

  constructor({ planPath, base }: { readonly planPath: string; readonly base: string }) {
    this.#planPath = planPath;
    this.#base = base;
  }

  /** @param ticket the last one, to go on with its download */
  async plan(ticket: string | undefined, signal: AbortSignal): Promise<ParallelPlan> {
    const query = ticket === undefined ? '' : `?ticket=${ticket}`;
    const json = await this.#ask(`${this.#planPath}${query}`, signal);
    return v.parse(PLAN, json);
  }

  async digests(ticket: string, signal: AbortSignal): Promise<FetchedDigests> {
    const json = await this.#ask(`${this.#base}${PARALLEL_PATHS.digests}${ticket}`, signal);
    const { sha256, units }: ParallelDigests = v.parse(DIGESTS, json);
    return { sha256, units: fromBase64(units) ?? new Uint8Array() };
  }

  /** Says that everything has arrived, so that the other side need not wait to be sure. */
  async received(ticket: string): Promise<void> {
    const url = `${this.#base}${PARALLEL_PATHS.received}${ticket}`;
    await fetch(url, { method: 'POST', keepalive: true });
  }

  /** Where it tells which siblings are online */
  get readyPath(): string {
    return `${this.#base}${PARALLEL_PATHS.ready}`;
  }

  rangeUrl(ticket: string): string {
    return `${this.#base}${PARALLEL_PATHS.range}${ticket}`;
  }

  /** @throws DownloadFailure if it is no use to ask again */
  async #ask(url: string, signal: AbortSignal): Promise<unknown> {
    const response = await fetch(url, { cache: 'no-store', signal });
    if (response.status === 412) throw new DownloadFailure('changed');
    if (response.status === 404 || response.status === 410) throw new DownloadFailure('gone');
    if (!response.ok) throw new Error(`the reply has the status ${response.status}`);
    return await response.json();
  }
}
