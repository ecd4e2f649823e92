import { untilAborted } from '../../base/deadline.js';
import { type Deferred, deferred } from '../../base/deferred.js';
import type { OnionferryError } from '../../base/errors.js';
import { asOnionferryError } from '../../base/errors.js';
import type { Logger } from '../../base/logger.js';
import { Notifier } from '../../base/notifier.js';
import { connectionBroke } from '../../stream/byte-channel.js';
import { ChunkPlan } from '../../stream/chunk-plan.js';
import { FRAME_CONTENT_BYTES } from '../../stream/frame.js';
import { isOpenEnded, totalBytes } from '../../stream/manifest.js';
import { manifestMessages } from '../../stream/manifest-parts.js';
import type { Control, Message } from '../../stream/message.js';
import { Ranges } from '../../stream/ranges.js';
import { beginSession } from '../conversation/begin-session.js';
import { converse, endsSession, outOfTurn } from '../conversation/conversation.js';
import type { EncodedManifest } from '../conversation/encoded-manifest.js';
import type { SecureStream } from '../conversation/secure-stream.js';
import type { Due, StallWatch } from '../conversation/stall-watch.js';
import { isAdded } from '../conversation/stream-numbers.js';
import type { TamperingLimit } from '../conversation/tampering-limit.js';
import type { Meeting } from '../meeting/meeting.js';
import { grow } from './grow.js';
import { pump } from './pump.js';
import type { Source } from './source.js';

/** Streams at once: as many as a relay lets one side have. */
const STREAMS_MAX = 32;
/** How long a sender that has the receipt waits for the recipient to close. */
const RECEIPT_ACK_MS = 2_000;

export interface SenderSessionOptions {
  readonly meeting: Meeting;
  /** In the first the sender makes its offer; later the recipient says first what it has. */
  readonly generation: number;
  readonly source: Source;
  readonly manifest: EncodedManifest;
  /** Streams that the user wants. */
  readonly circuits: number | undefined;
  readonly tampering: TamperingLimit;
  readonly stall: StallWatch;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** The recipient may know the offer. */
  readonly onOffered: () => void;
  /** No content leaves before it is done. */
  readonly onAccepted: () => Promise<void>;
  /** Bytes that the recipient has written, as it says itself. */
  readonly onWritten: (bytes: number) => void;
  readonly onStreams: (streams: number) => void;
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
  readonly #ending = new AbortController();
  readonly #signal: AbortSignal;
  readonly #accepted: Deferred<ChunkPlan> = deferred();
  readonly #receipt: Deferred<SentTransfer> = deferred();
  readonly #numbers = new Set<number>();
  readonly #live = new Set<number>();
  readonly #serving = new Set<Promise<void>>();
  readonly #asked = new WeakSet<SecureStream>();
  #had = new Ranges();
  /** Bytes, in this session. */
  #acknowledged = 0;
  #plan: ChunkPlan | undefined;

  constructor(options: SenderSessionOptions) {
    this.#options = options;
    this.#signal = AbortSignal.any([this.#ending.signal, options.signal]);
    // A session may fail before anything waits for them; `run` throws what ended it.
    for (const { promise } of [this.#accepted, this.#receipt]) promise.catch(() => undefined);
  }

  /** Whether the recipient has agreed, in this meeting. */
  get hasBegun(): boolean {
    return this.#plan !== undefined;
  }

  /** @throws OnionferryError ERR_REFUSED, ERR_PEER_GONE, ERR_SOURCE, ERR_SOURCE_CHANGED, ERR_PROTOCOL */
  async run(): Promise<SentTransfer> {
    beginSession({
      serve: (number) => this.#serve(number, true),
      hasBegun: () => this.hasBegun,
      signal: this.#signal,
    }).catch((error: unknown) => this.#fail(error));
    const { stall } = this.#options;
    const endWatch = stall.watch(
      () => this.#due(),
      (error) => this.#fail(error),
    );
    try {
      const sent = await untilAborted(this.#receipt.promise, this.#signal);
      await Promise.all(this.#serving);
      return sent;
    } catch (error) {
      this.#fail(error);
      await Promise.all(this.#serving);
      throw error;
    } finally {
      endWatch();
    }
  }

  /** Serves one stream to its end. @returns what ended it */
  #serve(number: number, leads: boolean): Promise<OnionferryError | undefined> {
    const serving = this.#converse(number, leads).then(
      () => undefined,
      (error: unknown) => {
        const { tampering } = this.#options;
        if (endsSession(error, tampering)) this.#fail(error);
        this.#options.logger.debug(`stream ${number}: ${String(error)}`);
        return asOnionferryError(error, 'ERR_INTERNAL', 'a stream failed');
      },
    );
    const tracked = serving.then((failure) => {
      this.#serving.delete(tracked);
      this.#live.delete(number);
      this.#plan?.leave(number);
      this.#options.onStreams(this.#live.size);
      this.#notifier.notify();
      if (this.#live.size === 0 && this.hasBegun) this.#fail(failure ?? connectionBroke());
    });
    this.#serving.add(tracked);
    return serving;
  }

  async #converse(number: number, leads: boolean): Promise<void> {
    // One of its own, so that not every stream's waits listen to the session's.
    const signal = AbortSignal.any([this.#signal]);
    const stream = await this.#options.meeting.openStream(number, { signal });
    this.#live.add(number);
    this.#options.onStreams(this.#live.size);
    try {
      await converse({
        stream,
        signal,
        tampering: this.#options.tampering,
        hear: (message) => this.#hear(stream, message, leads),
        speak: (over) => this.#speak(stream, leads, over),
      });
    } finally {
      stream.destroy();
    }
  }

  async #speak(stream: SecureStream, leads: boolean, over: AbortSignal): Promise<void> {
    const { source, generation, circuits, onOffered } = this.#options;
    if (leads && circuits !== undefined) {
      await stream.send({ frame: 'control', control: { type: 'stream-limit', streams: circuits } });
    }
    if (leads && generation === 0) {
      await this.#sayManifest(stream);
      onOffered();
    }
    const ready = await Promise.race([this.#accepted.promise, this.#receipt.promise]);
    if (ready instanceof ChunkPlan) {
      ready.join(stream.stream, performance.now());
      const pumping = pump({ stream, plan: ready, source, notifier: this.#notifier, signal: over });
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
        if (this.hasBegun) throw outOfTurn();
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
        this.#accept(control.manifest);
        break;
      case 'open-streams':
        for (const number of control.streams) this.#open(number);
        break;
      case 'ack':
        if (plan === undefined) throw outOfTurn();
        plan.acknowledge(stream.stream, control.frames, performance.now());
        this.#noteWritten(plan);
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
    const isInTurn = leads && !this.hasBegun && this.#options.generation > 0;
    if (!isInTurn || this.#asked.has(stream)) throw outOfTurn();
    this.#asked.add(stream);
    this.#sayManifest(stream).catch((error: unknown) => {
      this.#options.logger.debug(`stream ${stream.stream}: no manifest: ${String(error)}`);
      stream.destroy();
    });
  }

  async #sayManifest(stream: SecureStream): Promise<void> {
    for (const part of manifestMessages(this.#options.manifest.deflated)) await stream.send(part);
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

  #accept(digest: string): void {
    if (this.hasBegun) throw outOfTurn();
    const { source, manifest, generation, onAccepted } = this.#options;
    if (digest !== manifest.digest) throw outOfTurn();
    const { growth } = source;
    const length = growth?.length ?? totalBytes(source.manifest);
    if (([...this.#had].at(-1)?.[1] ?? 0) > length) throw outOfTurn();
    const total = isOpenEnded(source.manifest) ? null : length;
    const plan = new ChunkPlan({ chunkBytes: FRAME_CONTENT_BYTES, total, have: this.#had });
    this.#plan = plan;
    if (growth !== undefined) {
      if (length > 0) plan.append(length);
      grow(growth, plan, this.#notifier, this.#signal).catch((error: unknown) => this.#fail(error));
    }
    const prepared = onAccepted();
    this.#noteWritten(plan);
    // Time has passed since the last meeting: nothing of another state may be mixed in.
    const verified = generation === 0 ? undefined : source.verifyUnchanged?.();
    Promise.all([verified, prepared]).then(
      () => this.#accepted.resolve(plan),
      (error: unknown) => this.#fail(error),
    );
  }

  #open(number: number): void {
    if (!isAdded(number) || this.#numbers.has(number)) throw outOfTurn();
    // The recipient may have asked before it heard how many this side wants.
    if (this.#serving.size >= Math.min(this.#options.circuits ?? STREAMS_MAX, STREAMS_MAX)) return;
    this.#numbers.add(number);
    void this.#serve(number, false);
  }

  /** What the recipient owes now: the time that it takes over an offer is a person's. */
  #due(): Due {
    const plan = this.#plan;
    if (plan === undefined || this.#live.size === 0) return 'nothing';
    if (plan.heldBytes > 0) return 'content';
    return plan.isComplete ? 'word' : 'nothing';
  }

  #noteWritten(plan: ChunkPlan): void {
    if (plan.acknowledgedBytes > this.#acknowledged) this.#options.stall.touch();
    this.#acknowledged = plan.acknowledgedBytes;
    this.#options.source.growth?.release(plan.acknowledgedUpTo);
    this.#options.onWritten(plan.acknowledgedBytes);
    this.#notifier.notify();
  }

  /** Copies and acknowledgements in flight no longer matter. */
  #takeReceipt(bytes: number, files: number): void {
    const plan = this.#plan;
    if (plan?.isEnded !== true || bytes !== plan.end) throw outOfTurn();
    this.#options.onWritten(bytes);
    this.#receipt.resolve({ bytes, files });
  }

  #fail(error: unknown): void {
    const failure = asOnionferryError(error, 'ERR_INTERNAL', 'the transfer failed');
    this.#receipt.reject(failure);
    this.#accepted.reject(failure);
    this.#ending.abort(failure);
  }
}
