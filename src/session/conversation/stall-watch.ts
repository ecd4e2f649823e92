import { type Course, OnionferryError } from '../../base/errors.js';

/** A side that answers, but brings nothing that it owes, is told of after this time, again and again. */
const TELL_EVERY_MS = 30_000;
/** It is left after this, unless the user wants it otherwise. */
export const STALL_MAX_MS: number = 10 * 60_000;
const LOOK_EVERY_MS = 1_000;
/** The machine was asleep for what is longer: in that time nothing could come. */
const LOOK_MAX_MS: number = 5 * LOOK_EVERY_MS;

/**
 * What the other side owes: content (or what content needs first), whose absence ends the session
 * in the end; or only a word about its end, which may take it as long as it takes.
 */
export type Due = 'nothing' | 'content' | 'word';

export interface StallWatchOptions {
  /** What has gone on while it was due, such as "nothing has come". */
  readonly what: (due: Due) => string;
  /** For content; undefined: STALL_MAX_MS. */
  readonly maxMs: number | undefined;
  readonly tellEveryMs?: number | undefined;
  /** A phrase that says what has not happened, and for how long. */
  readonly onStalled: ((reason: string) => void) | undefined;
}

/**
 * Notices a side that is there, says so, and does nothing else. It counts over all sessions of a
 * transfer: a side that comes again without bringing anything is no better.
 */
export class StallWatch {
  readonly #options: StallWatchOptions;
  #idleMs = 0;
  #toldMs = 0;

  constructor(options: StallWatchOptions) {
    this.#options = options;
  }

  /** Something that was due has come. */
  touch(): void {
    this.#idleMs = 0;
    this.#toldMs = 0;
  }

  /** Looks at one session. @param onGone is given why it is over @returns ends that */
  watch(due: () => Due, onGone: (error: OnionferryError) => void): () => void {
    let before = performance.now();
    const looking = setInterval(() => {
      const now = performance.now();
      const passed = Math.min(now - before, LOOK_MAX_MS);
      before = now;
      this.#look(due(), passed, onGone);
    }, LOOK_EVERY_MS);
    return () => clearInterval(looking);
  }

  #look(due: Due, passedMs: number, onGone: (error: OnionferryError) => void): void {
    if (due === 'nothing') return;
    const { what, maxMs = STALL_MAX_MS, tellEveryMs = TELL_EVERY_MS, onStalled } = this.#options;
    this.#idleMs += passedMs;
    const phrase = `${what(due)} for ${Math.floor(this.#idleMs / 1000)} s`;
    if (due === 'content' && this.#idleMs >= maxMs) onGone(new PeerStalled(phrase));
    else if (this.#idleMs >= this.#toldMs + tellEveryMs) {
      this.#toldMs = this.#idleMs;
      onStalled?.(phrase);
    }
  }
}

/** The other side is there, and does not do its part. A later process may find it better. */
export class PeerStalled extends OnionferryError {
  constructor(phrase: string) {
    super(
      'ERR_PEER_GONE',
      `${phrase}, although the other side still answers; what has arrived is kept: to resume, start the transfer again`,
    );
  }

  override get course(): Course {
    return 'resumable';
  }
}
