import { untilAborted } from '../../base/deadline.js';
import { type Deferred, deferred } from '../../base/deferred.js';
import { Notifier } from '../../base/notifier.js';
import { ChunkPlan, type Piece } from '../../stream/chunk-plan.js';
import { FRAME_CONTENT_BYTES } from '../../stream/frame.js';
import { isOpenEnded, totalBytes } from '../../stream/manifest.js';
import { manifestMessages } from '../../stream/manifest-parts.js';
import type { Control, Message } from '../../stream/message.js';
import { Ranges } from '../../stream/ranges.js';
import { outOfTurn } from '../conversation/conversation.js';
import type { EncodedManifest } from '../conversation/encoded-manifest.js';
import type { SecureStream } from '../conversation/secure-stream.js';
import { type Part, type SessionOptions, SessionStreams } from '../conversation/session-streams.js';
import type { Due } from '../conversation/stall-watch.js';
import { isAdded } from '../conversation/stream-numbers.js';
import type { Met } from '../reconnecting/reconnect.js';
import type { Latest } from '../transfer-options.js';
import { grow } from './grow.js';
import { pump } from './pump.js';
import type { Source } from './source.js';

/** Streams at once: as many as a relay lets one side have. */
const STREAMS_MAX = 32;
/** Those that are given up and have not ended yet, besides. */
const GIVEN_UP_MAX = 8;
/** Of content over slow streams: shorter ones cost more than they tell. */
const SHORTEST_PIECE_BYTES: number = 32 * 1024;
/** How long a sender that has the receipt waits for the recipient to close. */
const RECEIPT_ACK_MS = 2_000;

/** In the first meeting the sender makes its offer; later the recipient says first what it has. */
export interface SenderSessionOptions extends Met, SessionOptions {
  readonly source: Source;
  readonly manifest: EncodedManifest;
  /** Neither the offer nor content leaves before it is done. */
  readonly mayOffer: Promise<void>;
  /**
   * The recipient takes whatever it is offered, so that it may hold content before this side hears of
   * that: what a later process needs is on disk when this is done. Only then it knows the offer.
   */
  readonly onAgreed: () => Promise<void>;
  /** The recipient may know the offer. */
  readonly onOffered: () => void;
  /** No content leaves before it is done. */
  readonly onAccepted: () => Promise<void>;
  /**
   * Bytes that the recipient has written, of those that it wants, as it says itself; `wanted` is
   * null while that is not known.
   */
  readonly onWritten: (bytes: number, wanted: number | null, latest: Latest) => void;
}

export interface SentTransfer {
  readonly bytes: number;
  readonly files: number;
}

/**
 * What the sender does with one meeting: one offer, over as many streams as the recipient asks for.
 *
 * Ends with the recipient's receipt; with an error that passes when every stream is dead.
 */
export class SenderSession {
  readonly #options: SenderSessionOptions;
  readonly #notifier = new Notifier();
  readonly #streams: SessionStreams<Part>;
  readonly #accepted: Deferred<ChunkPlan> = deferred();
  readonly #receipt: Deferred<SentTransfer> = deferred();
  readonly #numbers = new Set<number>();
  readonly #asked = new WeakSet<SecureStream>();
  #had = new Ranges();
  /** Bytes, in this session. */
  #acknowledged = 0;
  /** Position of the last of them that was news. */
  #latest: number | undefined;
  /** Present once the recipient has accepted, in this meeting. */
  #plan: ChunkPlan | undefined;
  /** Before that, of a recipient that takes whatever is offered. */
  #early: ChunkPlan | undefined;
  /** Bytes that the recipient does not want; it says that it has them. */
  #unwanted = 0;

  constructor(options: SenderSessionOptions) {
    this.#options = options;
    this.#streams = new SessionStreams({
      ...options,
      open: (number, call) => options.meeting.openStream(number, call),
      join: (stream, leads) => ({
        hear: (message) => this.#hear(stream, message, leads),
        speak: (over) => this.#speak(stream, leads, over),
        leave: () => {
          (this.#plan ?? this.#early)?.leave(stream.stream);
          this.#notifier.notify();
        },
      }),
      hasBegun: () => this.#plan !== undefined,
      due: () => this.#due(),
    });
  }

  /** @throws OnionferryError ERR_REFUSED, ERR_PEER_GONE, ERR_SOURCE, ERR_SOURCE_CHANGED, ERR_PROTOCOL */
  async run(): Promise<SentTransfer> {
    try {
      return await this.#streams.run(this.#receipt.promise);
    } finally {
      await this.#streams.ended();
    }
  }

  async #speak(stream: SecureStream, leads: boolean, over: AbortSignal): Promise<void> {
    const { source, generation, circuits, onAgreed, onOffered, throttle } = this.#options;
    if (leads && circuits !== undefined) {
      await stream.send({ frame: 'control', control: { type: 'stream-limit', streams: circuits } });
    }
    if (leads && generation === 0) {
      await untilAborted(this.#options.mayOffer, over);
      const noted = this.#mayBeginEarly ? onAgreed : undefined;
      await this.#sayManifest(stream, async () => {
        await noted?.();
        onOffered();
      });
    }
    const agreed = leads && this.#mayBeginEarly ? this.#beginEarly() : undefined;
    const ready = agreed ?? (await Promise.race([this.#accepted.promise, this.#receipt.promise]));
    if (ready instanceof ChunkPlan && !over.aborted) {
      ready.join(stream.stream, performance.now());
      const notifier = this.#notifier;
      const pumping = pump({ stream, plan: ready, source, notifier, throttle, signal: over });
      await Promise.race([pumping, this.#receipt.promise]);
    }
    if (over.aborted) return;
    await stream.sendLast({ frame: 'control', control: { type: 'receipt-ack' } }, RECEIPT_ACK_MS);
  }

  #hear(stream: SecureStream, message: Message, leads: boolean): void {
    switch (message.frame) {
      case 'control':
        if (message.control.type === 'manifest-request') this.#answerAsk(stream, leads);
        else this.#hearControl(stream, message.control);
        break;
      case 'have':
        if (this.#plan !== undefined) throw outOfTurn();
        this.#had = message.ranges;
        break;
      default:
        throw outOfTurn();
    }
  }

  #hearControl(stream: SecureStream, control: Control): void {
    const plan = this.#plan;
    switch (control.type) {
      case 'accept':
        this.#accept(control.manifest, control.wanted);
        break;
      case 'open-streams':
        for (const number of control.streams) this.#open(number);
        break;
      case 'ack':
        if (plan === undefined) throw outOfTurn();
        this.#noteLatest(plan.acknowledge(stream.stream, control.frames, performance.now()));
        // Only this stream has room for more now: to wake all of them for each would cost much.
        this.#noteWritten(plan, stream);
        break;
      case 'resend':
        this.#sendAgain(control.ranges);
        break;
      case 'receipt':
        this.#takeReceipt(control.bytes, control.files);
        break;
      default:
        throw outOfTurn();
    }
  }

  /** Once for each stream, of which there is one at a time: a manifest may be long. */
  #answerAsk(stream: SecureStream, leads: boolean): void {
    const isInTurn = leads && this.#plan === undefined && this.#options.generation > 0;
    if (!isInTurn || this.#asked.has(stream)) throw outOfTurn();
    this.#asked.add(stream);
    const say = (): Promise<void> =>
      this.#sayManifest(stream).catch((error: unknown) => {
        this.#options.logger.debug(`stream ${stream.stream}: no manifest: ${String(error)}`);
        stream.destroy();
      });
    this.#options.mayOffer.then(say, (error: unknown) => this.#streams.end(error));
  }

  /** @param beforeLast done before the recipient can know all of it */
  async #sayManifest(stream: SecureStream, beforeLast?: () => Promise<void>): Promise<void> {
    for (const message of manifestMessages(this.#options.manifest.deflated)) {
      if (message.last) await beforeLast?.();
      await stream.send(message);
    }
  }

  /** What a journal has are whole chunks; growing content has no journal. */
  #sendAgain(ranges: readonly (readonly [number, number])[]): void {
    const plan = this.#plan;
    for (const [start, end] of ranges) {
      const isWhole =
        start % FRAME_CONTENT_BYTES === 0 &&
        (end % FRAME_CONTENT_BYTES === 0 || end === plan?.end) &&
        this.#options.source.growth === undefined;
      if (plan === undefined || end > plan.end || !isWhole) throw outOfTurn();
      plan.again(start, end);
    }
    this.#notifier.notify();
  }

  /** Of what can be read once only, nothing is risked. */
  get #mayBeginEarly(): boolean {
    const { meeting, generation, source } = this.#options;
    const isFirst = generation === 0 && this.#plan === undefined;
    return isFirst && meeting.hasAgreed && source.growth === undefined;
  }

  /**
   * Content right behind the offer, as much as a stream takes unacknowledged: the recipient hears it
   * when it has accepted.
   */
  #beginEarly(): ChunkPlan {
    return (this.#early ??= planOf(totalBytes(this.#options.source.manifest)));
  }

  #accept(digest: string, wanted: number | undefined): void {
    if (this.#plan !== undefined) throw outOfTurn();
    const { source, manifest, generation, mayOffer, onAccepted } = this.#options;
    if (digest !== manifest.digest) throw outOfTurn();
    const { growth } = source;
    const length = growth?.length ?? totalBytes(source.manifest);
    if (([...this.#had].at(-1)?.[1] ?? 0) > length) throw outOfTurn();
    // A stream whose length was announced grows up to it.
    const total = isOpenEnded(source.manifest) ? null : totalBytes(source.manifest);
    if (wanted !== undefined && (total === null || wanted > total)) throw outOfTurn();
    this.#unwanted = total === null || wanted === undefined ? 0 : total - wanted;
    const early = this.#early;
    // It has said that it takes everything.
    if (early !== undefined && (wanted !== undefined || this.#had.bytes > 0)) throw outOfTurn();
    const plan = early ?? planOf(growth === undefined ? total : null, this.#had);
    this.#plan = plan;
    if (growth !== undefined) {
      if (length > 0) plan.append(length);
      const { signal } = this.#streams;
      grow(growth, plan, this.#notifier, signal).catch((error: unknown) =>
        this.#streams.end(error),
      );
    }
    const prepared = mayOffer.then(onAccepted);
    this.#noteWritten(plan);
    // Time has passed since the last meeting: nothing of another state may be mixed in.
    const verified = generation === 0 ? undefined : source.verifyUnchanged?.();
    Promise.all([verified, prepared]).then(
      () => this.#accepted.resolve(plan),
      (error: unknown) => this.#streams.end(error),
    );
  }

  #open(number: number): void {
    if (!isAdded(number) || this.#numbers.has(number)) throw outOfTurn();
    // The recipient may have asked before it heard how many this side wants.
    const most = Math.min(this.#options.circuits ?? STREAMS_MAX, STREAMS_MAX);
    const { count, live } = this.#streams;
    if (live.size >= most || count >= most + GIVEN_UP_MAX) return;
    // It has given up one that takes long, of which this side does not know.
    if (count >= most) this.#streams.giveUp();
    this.#numbers.add(number);
    void this.#streams.serve(number, false);
  }

  /** What the recipient owes now: the time that it takes over an offer is a person's. */
  #due(): Due {
    const plan = this.#plan;
    if (plan === undefined || this.#streams.live.size === 0) return 'nothing';
    if (plan.heldBytes > 0) return 'content';
    return plan.isComplete ? 'word' : 'nothing';
  }

  #noteLatest(news: readonly Piece[]): void {
    const last = news.at(-1);
    if (last !== undefined) this.#latest = last.position + last.length - 1;
  }

  /** @param stream the one that has carried it; default all */
  #noteWritten(plan: ChunkPlan, stream?: SecureStream): void {
    if (plan.acknowledgedBytes > this.#acknowledged) this.#options.stall.touch();
    this.#acknowledged = plan.acknowledgedBytes;
    this.#options.source.growth?.release(plan.acknowledgedUpTo);
    // Less if it has more ranges than it can list: what is missing in the list is sent to it.
    const written = Math.max(0, plan.acknowledgedBytes - this.#unwanted);
    const latest = { at: this.#latest, has: plan };
    this.#options.onWritten(written, plan.isEnded ? plan.end - this.#unwanted : null, latest);
    this.#notifier.notify(stream);
  }

  /** Copies and acknowledgements in flight no longer matter. */
  #takeReceipt(bytes: number, files: number): void {
    const plan = this.#plan;
    if (plan?.isEnded !== true || bytes !== plan.end - this.#unwanted) throw outOfTurn();
    // Of the last pieces it may come before the word that they are written: one of them was the last.
    this.#latest = plan.lastMissing ?? this.#latest;
    this.#options.onWritten(bytes, bytes, { at: this.#latest, has: { has: () => true } });
    this.#receipt.resolve({ bytes, files });
  }
}

function planOf(total: number | null, have?: Ranges): ChunkPlan {
  const sizes = { chunkBytes: FRAME_CONTENT_BYTES, shortestBytes: SHORTEST_PIECE_BYTES };
  return new ChunkPlan({ ...sizes, total, ...(have !== undefined && { have }) });
}
