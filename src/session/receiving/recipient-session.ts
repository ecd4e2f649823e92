import type { Bytes } from '../../base/bytes.js';
import { untilAborted } from '../../base/deadline.js';
import { type Deferred, deferred } from '../../base/deferred.js';
import { asOnionferryError, isPassing, OnionferryError } from '../../base/errors.js';
import type { Logger } from '../../base/logger.js';
import { connectionBroke } from '../../stream/byte-channel.js';
import { FRAME_CONTENT_BYTES } from '../../stream/frame.js';
import type { Manifest } from '../../stream/manifest.js';
import { ManifestParts } from '../../stream/manifest-parts.js';
import type { Control, Message } from '../../stream/message.js';
import type { Range } from '../../stream/ranges.js';
import { CircuitPool } from '../circuits/circuit-pool.js';
import { beginSession } from '../conversation/begin-session.js';
import { converse, outOfTurn } from '../conversation/conversation.js';
import { decodeManifest } from '../conversation/encoded-manifest.js';
import type { Primitives } from '../conversation/primitives.js';
import type { SecureStream } from '../conversation/secure-stream.js';
import type { TamperingLimit } from '../conversation/tampering-limit.js';
import type { Meeting } from '../meeting/meeting.js';
import { Acknowledger } from './acknowledger.js';
import { LivenessTimer } from './liveness-timer.js';
import type { Reassembler, WholeTransfer } from './reassembler.js';

/** How long a recipient that has everything waits for the sender to say that it knows. */
const RECEIPT_ACK_MS = 10_000;

/** What `zeros` stands for; never written to. */
const ZEROS: Bytes = new Uint8Array(FRAME_CONTENT_BYTES);

/** An accepted offer: where its content goes, and the digest that names it. */
export interface TakenOffer {
  readonly reassembler: Reassembler;
  readonly digest: string;
}

export interface RecipientSessionOptions {
  readonly meeting: Meeting;
  /** In the first the sender makes its offer; later the recipient says first what it has. */
  readonly generation: number;
  /** What was taken before. */
  readonly offer: TakenOffer | undefined;
  /** Streams that the user wants. */
  readonly circuits: number | undefined;
  readonly primitives: Primitives;
  readonly tampering: TamperingLimit;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** Decides on an offer. @throws OnionferryError ERR_REFUSED to decline */
  readonly take: (manifest: Manifest, digest: string) => Promise<TakenOffer>;
  readonly onStreams: (streams: number) => void;
}

/** An established stream. */
interface LiveStream {
  readonly stream: SecureStream;
  readonly since: number;
  bytes: number;
  /** What the sender was asked for again over this stream. */
  readonly asked: Range[];
  /** It was ended here, which says nothing about the sender. */
  isDropped?: true;
}

/**
 * What the recipient does with one meeting: takes the offer, and content over as many streams as it
 * wants.
 *
 * Ends when everything is on disk and the sender knows it, or does not answer any more; before that
 * with an error that passes when every stream is dead.
 */
export class RecipientSession {
  readonly #options: RecipientSessionOptions;
  readonly #ending = new AbortController();
  readonly #signal: AbortSignal;
  readonly #taken: Deferred<TakenOffer> = deferred();
  readonly #done: Deferred<WholeTransfer> = deferred();
  readonly #streams = new Map<number, LiveStream>();
  readonly #serving = new Set<Promise<void>>();
  readonly #liveness = new LivenessTimer(() => {
    if ((this.#offer?.reassembler.missing ?? 0) > 0) this.#fail(connectionBroke());
  });
  #offer: TakenOffer | undefined;
  #hasBegun = false;
  #bytes = 0;
  /** Streams that either user wants. */
  #circuits: number | undefined;
  #pool: CircuitPool | undefined;
  /** Set before any receipt is sent: no sender can have one earlier. */
  #whole: WholeTransfer | undefined;
  #leaving: ReturnType<typeof setTimeout> | undefined;

  constructor(options: RecipientSessionOptions) {
    this.#options = options;
    this.#circuits = options.circuits;
    this.#signal = AbortSignal.any([this.#ending.signal, options.signal]);
    // A session may fail before anything waits for them; `run` throws what ended it.
    for (const { promise } of [this.#taken, this.#done]) promise.catch(() => undefined);
  }

  /** Whether the sender has been heard, so that both sides know each other's secret. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  async run(): Promise<WholeTransfer> {
    beginSession({
      serve: (number) => this.#serve(number, true),
      hasBegun: () => this.#hasBegun,
      signal: this.#signal,
    }).catch((error: unknown) => this.#fail(error));
    try {
      return await untilAborted(this.#done.promise, this.#signal);
    } catch (error) {
      this.#fail(error);
      throw error;
    } finally {
      clearTimeout(this.#leaving);
      this.#ending.abort(new OnionferryError('ERR_PEER_GONE', 'the transfer is over'));
      await Promise.all(this.#serving);
      this.#liveness.end();
    }
  }

  /** Serves one stream to its end. @returns what ended it */
  #serve(
    number: number,
    leads: boolean,
    lives: () => void = () => undefined,
  ): Promise<OnionferryError | undefined> {
    const serving = this.#converse(number, leads, lives).then(
      () => undefined,
      (error: unknown) => {
        const { tampering } = this.#options;
        if (!isPassing(error) || !tampering.tolerates(error)) this.#fail(error);
        this.#options.logger.debug(`stream ${number}: ${String(error)}`);
        return asOnionferryError(error, 'ERR_INTERNAL', 'a stream failed');
      },
    );
    const tracked = serving.then((failure) => {
      this.#serving.delete(tracked);
      const dead = this.#streams.get(number);
      if (dead === undefined) return;
      this.#streams.delete(number);
      this.#options.onStreams(this.#streams.size);
      // It is unknown whether the sender has received that; in the next meeting it is told what is there.
      if (this.#lacks(dead.asked)) this.#fail(failure ?? connectionBroke());
      if (this.#streams.size === 0 && this.#hasBegun) this.#fail(failure ?? connectionBroke());
      else if (dead.isDropped !== true) this.#liveness.begin();
    });
    this.#serving.add(tracked);
    return serving;
  }

  async #converse(number: number, leads: boolean, lives: () => void): Promise<void> {
    // One of its own, so that not every stream's waits listen to the session's.
    const signal = AbortSignal.any([this.#signal]);
    const stream = await this.#options.meeting.openStream(number, { signal });
    const live: LiveStream = { stream, since: performance.now(), bytes: 0, asked: [] };
    this.#streams.set(number, live);
    this.#options.onStreams(this.#streams.size);
    lives();
    using acknowledger = new Acknowledger(stream);
    const parts = leads ? new ManifestParts() : undefined;
    try {
      await converse({
        stream,
        signal,
        tampering: this.#options.tampering,
        hear: (message) => this.#hear(live, message, acknowledger, parts),
        speak: async () => {
          if (leads && this.#options.generation > 0) await this.#sayWhatIsThere(stream);
          const whole = await (await this.#taken.promise).reassembler.whole;
          await this.#sayReceipt(stream, whole);
          await this.#done.promise;
        },
      });
    } finally {
      stream.destroy();
    }
  }

  /** In a later meeting the recipient begins: with the receipt, with what it has, or with nothing. */
  async #sayWhatIsThere(stream: SecureStream): Promise<void> {
    const { offer } = this.#options;
    if (offer === undefined)
      await stream.send({ frame: 'control', control: { type: 'manifest-request' } });
    else await this.#accept(stream, offer);
  }

  async #hear(
    live: LiveStream,
    message: Message,
    acknowledger: Acknowledger,
    parts: ManifestParts | undefined,
  ): Promise<void> {
    this.#liveness.end();
    switch (message.frame) {
      case 'manifest':
        if (parts === undefined || this.#offer !== undefined) throw outOfTurn();
        await this.#takeManifest(live.stream, parts.take(message.part, message.last));
        break;
      case 'data':
        if (this.#offer === undefined) throw outOfTurn();
        live.bytes += message.content.length;
        this.#bytes += message.content.length;
        await this.#offer.reassembler.take(message.position, message.content, acknowledger.take());
        break;
      case 'zeros': {
        if (this.#offer === undefined) throw outOfTurn();
        // Counted as nothing: it says nothing about how fast a circuit is.
        const content = ZEROS.subarray(0, message.length);
        await this.#offer.reassembler.take(message.position, content, acknowledger.take());
        break;
      }
      case 'control':
        this.#hearControl(message.control);
        break;
      default:
        throw outOfTurn();
    }
  }

  async #takeManifest(stream: SecureStream, deflated: Bytes | undefined): Promise<void> {
    if (deflated === undefined) return;
    const { manifest, digest } = await decodeManifest(deflated, this.#options.primitives);
    this.#hasBegun = true;
    await this.#accept(stream, await this.#options.take(manifest, digest));
  }

  async #accept(stream: SecureStream, offer: TakenOffer): Promise<void> {
    const { reassembler, digest } = offer;
    this.#offer = offer;
    this.#hasBegun = true;
    reassembler.whole.then(
      (whole) => {
        this.#whole = whole;
        this.#leaving = setTimeout(() => this.#done.resolve(whole), RECEIPT_ACK_MS);
      },
      (error: unknown) => this.#fail(error),
    );
    reassembler.onCorrupt = (start, end) => {
      this.#say({ type: 'resend', ranges: [[start, end]] })?.asked.push([start, end]);
    };
    const { had, wanted } = reassembler;
    // Both at once: requests for what is found corrupt in the meantime must follow them.
    await Promise.all([
      had.bytes > 0 ? stream.send({ frame: 'have', ranges: had }) : undefined,
      stream.send({ frame: 'control', control: { type: 'accept', manifest: digest, wanted } }),
    ]);
    this.#taken.resolve(offer);
    this.#widen(reassembler);
  }

  #widen(reassembler: Reassembler): void {
    this.#pool = new CircuitPool({
      circuits: this.#circuits,
      dialMs: this.#options.meeting.dialMs,
      sample: () => ({
        bytes: this.#bytes,
        missing: reassembler.missing,
        streams: [...this.#streams].map(([number, { since, bytes }]) => ({ number, since, bytes })),
      }),
      announce: (streams) => void this.#say({ type: 'open-streams', streams }),
      open: async (number, lives) => {
        await this.#serve(number, false, lives);
      },
      drop: (number) => this.#drop(number),
      signal: this.#signal,
    });
    void this.#pool.run();
  }

  #drop(number: number): void {
    const live = this.#streams.get(number);
    if (live === undefined) return;
    live.isDropped = true;
    live.stream.destroy();
  }

  #hearControl(control: Control): void {
    if (control.type === 'stream-limit') this.#limit(control.streams);
    else if (control.type === 'content-end' && this.#offer !== undefined)
      this.#offer.reassembler.end(control.total);
    else if (control.type === 'receipt-ack' && this.#whole !== undefined) {
      this.#done.resolve(this.#whole);
    } else throw outOfTurn();
  }

  /** The sender's user wants this many streams. */
  #limit(streams: number): void {
    this.#circuits = Math.min(this.#options.circuits ?? streams, streams);
    this.#pool?.fix(this.#circuits);
  }

  async #sayReceipt(stream: SecureStream, { bytes, files }: WholeTransfer): Promise<void> {
    await stream.send({
      frame: 'control',
      control: { type: 'receipt', bytes, files: files.length },
    });
  }

  /** Over any live stream: it means the same on each. */
  #say(control: Control): LiveStream | undefined {
    const [any] = this.#streams.values();
    // If it does not leave, the stream dies, and the next meeting says what is missing.
    any?.stream.send({ frame: 'control', control }).catch(() => undefined);
    return any;
  }

  #lacks(ranges: readonly Range[]): boolean {
    const had = this.#offer?.reassembler.had;
    return ranges.some(([start, end]) => had?.has(start, end) === false);
  }

  #fail(error: unknown): void {
    const failure = asOnionferryError(error, 'ERR_INTERNAL', 'the transfer failed');
    this.#taken.reject(failure);
    this.#done.reject(failure);
    this.#ending.abort(failure);
  }
}
