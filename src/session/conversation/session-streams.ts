import { sleep, untilAborted } from '../../base/deadline.js';
import { asOnionferryError, type OnionferryError } from '../../base/errors.js';
import type { Logger } from '../../base/logger.js';
import { connectionBroke } from '../../stream/byte-channel.js';
import type { TokenBucket } from '../../stream/token-bucket.js';
import { type Conversation, converse, endsSession } from './conversation.js';
import type { SecureStream } from './secure-stream.js';
import type { Due, StallWatch } from './stall-watch.js';
import { leadNumber } from './stream-numbers.js';
import type { TamperingLimit } from './tampering-limit.js';

/** How long two sides that have met try to begin, when streams break before anything was agreed. */
const BEGIN_MS = 60_000;
/** Longer with each number, from the second failure on. */
const PAUSE_MS = 250;
const PAUSE_MAX_MS = 2_000;

/** What a side does on a stream that is established. */
export interface Part extends Pick<Conversation<void>, 'hear' | 'speak'> {
  /** The stream has ended. */
  readonly leave: (failure: OnionferryError | undefined) => void;
}

/** What a session takes on either side, for all its streams. */
export interface SessionOptions {
  /** Streams that the user wants. */
  readonly circuits: number | undefined;
  readonly tampering: TamperingLimit;
  readonly stall: StallWatch;
  readonly throttle?: TokenBucket | undefined;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** @param isOver whether the session has ended, so that the last stream was not lost */
  readonly onStreams: (streams: number, isOver: boolean) => void;
}

export interface SessionStreamsOptions<Own extends Part> extends Omit<SessionOptions, 'circuits'> {
  readonly open: (number: number, options: { signal: AbortSignal }) => Promise<SecureStream>;
  /** @param leads whether the offer may travel over it */
  readonly join: (stream: SecureStream, leads: boolean) => Own;
  /** Whether the two sides have agreed over one of them. */
  readonly hasBegun: () => boolean;
  /** What the other side owes now. */
  readonly due: () => Due;
}

/** All streams of one meeting, as either side has them. */
export class SessionStreams<Own extends Part> {
  /** Aborts when the session ends, with what ended it. */
  readonly signal: AbortSignal;
  /** Established streams by number, oldest first. */
  readonly live: Map<number, Own> = new Map();
  readonly #options: SessionStreamsOptions<Own>;
  readonly #ending = new AbortController();
  readonly #serving = new Set<Promise<void>>();
  /** Streams that are being opened, oldest first. */
  readonly #opening = new Map<number, AbortController>();

  constructor(options: SessionStreamsOptions<Own>) {
    this.#options = options;
    this.signal = AbortSignal.any([this.#ending.signal, options.signal]);
  }

  /** Those that are opened or established. */
  get count(): number {
    return this.#serving.size;
  }

  /**
   * Begins, and waits for the session's result.
   *
   * @throws OnionferryError what ended the session before; one that passes when every stream is dead
   */
  async run<Result>(result: Promise<Result>): Promise<Result> {
    const { stall, due } = this.#options;
    this.#begin().catch((error: unknown) => this.end(error));
    const endWatch = stall.watch(due, (error) => this.end(error));
    try {
      return await untilAborted(result, this.signal);
    } catch (error) {
      this.end(error);
      throw error;
    } finally {
      endWatch();
    }
  }

  /** Ends every stream, and tells the other side why if it is no mere connection that broke. */
  end(error: unknown): void {
    this.#ending.abort(asOnionferryError(error, 'ERR_INTERNAL', 'the transfer failed'));
  }

  /** Opens a stream no further, if it is not established yet; default: that which takes longest. */
  giveUp(number: number | undefined = this.#opening.keys().next().value): void {
    if (number !== undefined) this.#opening.get(number)?.abort(connectionBroke());
  }

  /** Resolves when every stream has ended. */
  async ended(): Promise<void> {
    await Promise.all(this.#serving);
  }

  /** Serves a stream to its end. @returns what ended it */
  serve(number: number, leads: boolean, onLive?: () => void): Promise<OnionferryError | undefined> {
    const { tampering, logger, hasBegun, onStreams } = this.#options;
    const serving = this.#converse(number, leads, onLive).then(
      () => undefined,
      (error: unknown) => {
        if (endsSession(error, tampering)) this.end(error);
        logger.debug(`stream ${number}: ${String(error)}`);
        return asOnionferryError(error, 'ERR_INTERNAL', 'a stream failed');
      },
    );
    const tracked = serving.then((failure) => {
      this.#serving.delete(tracked);
      const dead = this.live.get(number);
      if (dead === undefined) return;
      this.live.delete(number);
      onStreams(this.live.size, this.signal.aborted);
      dead.leave(failure);
      if (this.live.size === 0 && hasBegun()) this.end(failure ?? connectionBroke());
    });
    this.#serving.add(tracked);
    return serving;
  }

  async #converse(number: number, leads: boolean, onLive?: () => void): Promise<void> {
    const { open, join, tampering, onStreams } = this.#options;
    // One of its own, so that not every stream's waits listen to the session's.
    const givingUp = new AbortController();
    const signal = AbortSignal.any([this.signal, givingUp.signal]);
    this.#opening.set(number, givingUp);
    using stream = await open(number, { signal }).finally(() => this.#opening.delete(number));
    const own = join(stream, leads);
    this.live.set(number, own);
    onStreams(this.live.size, this.signal.aborted);
    onLive?.();
    await converse({ ...own, stream, signal, tampering });
  }

  /**
   * Opens one stream after the other until the session has begun: a relay's answer may be lost, a
   * circuit may die. Both sides go through the same numbers.
   *
   * @throws OnionferryError what ended the last of them, if none lasts
   */
  async #begin(): Promise<void> {
    let giveUpAt = performance.now() + BEGIN_MS;
    for (let attempt = 0; ; attempt++) {
      const openedAt = performance.now();
      const failure = await this.serve(leadNumber(attempt), true);
      if (this.#options.hasBegun() || this.signal.aborted) return;
      const now = performance.now();
      // A stream that lived as long as a person takes to decide was no failure.
      if (now - openedAt > BEGIN_MS) giveUpAt = now + BEGIN_MS;
      else if (now > giveUpAt) throw failure ?? connectionBroke();
      await sleep(Math.min(attempt * PAUSE_MS, PAUSE_MAX_MS), this.signal);
    }
  }
}
