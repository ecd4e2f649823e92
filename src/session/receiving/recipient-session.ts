import type { Bytes } from '../../base/bytes.js';
import { type Deferred, deferred } from '../../base/deferred.js';
import { OnionferryError } from '../../base/errors.js';
import { connectionBroke } from '../../stream/byte-channel.js';
import { FRAME_CONTENT_BYTES } from '../../stream/frame.js';
import type { Manifest } from '../../stream/manifest.js';
import { ManifestParts } from '../../stream/manifest-parts.js';
import type { Control, Message } from '../../stream/message.js';
import type { Range } from '../../stream/ranges.js';
import { CircuitPool } from '../circuits/circuit-pool.js';
import { outOfTurn } from '../conversation/conversation.js';
import { decodeManifest } from '../conversation/encoded-manifest.js';
import type { Primitives } from '../conversation/primitives.js';
import type { SecureStream } from '../conversation/secure-stream.js';
import { type Part, type SessionOptions, SessionStreams } from '../conversation/session-streams.js';
import type { Due } from '../conversation/stall-watch.js';
import type { Met } from '../reconnecting/reconnect.js';
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

/** In the first meeting the sender makes its offer; later the recipient says first what it has. */
export interface RecipientSessionOptions extends Met, SessionOptions {
  /** What was taken before. */
  readonly offer: TakenOffer | undefined;
  readonly primitives: Primitives;
  /** Whether content of unknown length may pause for any time: its source may have nothing to say. */
  readonly isPatient: boolean;
  /** Decides on an offer. @throws OnionferryError ERR_REFUSED to decline */
  readonly take: (manifest: Manifest, digest: string) => Promise<TakenOffer>;
}

/** An established stream. */
interface LiveStream extends Part {
  readonly stream: SecureStream;
  readonly acknowledger: Acknowledger;
  /** Of an offer; only on a stream over which one may come. */
  readonly parts: ManifestParts | undefined;
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
  readonly #streams: SessionStreams<LiveStream>;
  readonly #taken: Deferred<TakenOffer> = deferred();
  readonly #done: Deferred<WholeTransfer> = deferred();
  readonly #liveness = new LivenessTimer(() => {
    if ((this.#offer?.reassembler.missing ?? 0) > 0) this.#streams.end(connectionBroke());
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
  /** Messages that are being dealt with: the disk is slow. */
  #hearing = 0;
  /** The whole offer has come, and a person may be asked. */
  #deciding: Promise<void> | undefined;

  constructor(options: RecipientSessionOptions) {
    this.#options = options;
    this.#circuits = options.circuits;
    this.#streams = new SessionStreams({
      ...options,
      open: (number, call) => options.meeting.openStream(number, call),
      join: (stream, leads) => this.#join(stream, leads),
      hasBegun: () => this.#hasBegun,
      due: () => this.#due(),
    });
  }

  /** Whether the sender has been heard, so that both sides know each other's secret. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  async run(): Promise<WholeTransfer> {
    try {
      return await this.#streams.run(this.#done.promise);
    } finally {
      clearTimeout(this.#leaving);
      this.#streams.end(new OnionferryError('ERR_PEER_GONE', 'the transfer is over'));
      await this.#streams.ended();
      this.#liveness.end();
    }
  }

  #join(stream: SecureStream, leads: boolean): LiveStream {
    const live: LiveStream = {
      stream,
      acknowledger: new Acknowledger(stream),
      parts: leads ? new ManifestParts() : undefined,
      since: performance.now(),
      bytes: 0,
      asked: [],
      hear: async (message) => {
        this.#hearing++;
        try {
          await this.#hear(live, message);
        } finally {
          this.#hearing--;
        }
      },
      speak: () => this.#speak(stream, leads),
      leave: (failure) => {
        live.acknowledger[Symbol.dispose]();
        // It is unknown whether the sender has received that; in the next meeting it is told what is there.
        if (this.#lacks(live.asked)) this.#streams.end(failure ?? connectionBroke());
        if (live.isDropped !== true) this.#liveness.begin();
      },
    };
    return live;
  }

  async #speak(stream: SecureStream, leads: boolean): Promise<void> {
    if (leads && this.#options.generation > 0) await this.#sayWhatIsThere(stream);
    const whole = await (await this.#taken.promise).reassembler.whole;
    await this.#sayReceipt(stream, whole);
    await this.#done.promise;
  }

  /** In a later meeting the recipient begins: with the receipt, with what it has, or with nothing. */
  async #sayWhatIsThere(stream: SecureStream): Promise<void> {
    const { offer } = this.#options;
    if (offer === undefined)
      await stream.send({ frame: 'control', control: { type: 'manifest-request' } });
    else await this.#accept(stream, offer);
  }

  async #hear(live: LiveStream, message: Message): Promise<void> {
    const { acknowledger, parts } = live;
    this.#liveness.end();
    if (message.frame === 'manifest') this.#options.stall.touch();
    switch (message.frame) {
      case 'manifest':
        if (parts === undefined || this.#offer !== undefined || this.#deciding !== undefined)
          throw outOfTurn();
        this.#takeManifest(live.stream, parts.take(message.part, message.last));
        break;
      case 'data': {
        const { reassembler } = await this.#taking();
        live.bytes += message.content.length;
        this.#bytes += message.content.length;
        await this.#options.throttle?.take(message.content.length, this.#options.signal);
        await reassembler.take(message.position, message.content, acknowledger.take());
        break;
      }
      case 'zeros': {
        const { reassembler } = await this.#taking();
        // Counted as nothing: it says nothing about how fast a circuit is.
        const content = ZEROS.subarray(0, message.length);
        await reassembler.take(message.position, content, acknowledger.take());
        break;
      }
      case 'control':
        this.#hearControl(message.control);
        break;
      default:
        throw outOfTurn();
    }
  }

  /** What the sender owes now. */
  #due(): Due {
    if (this.#streams.live.size === 0 || this.#hearing > 0 || this.#deciding !== undefined)
      return 'nothing';
    const reassembler = this.#offer?.reassembler;
    if (reassembler === undefined) return 'content';
    if (reassembler.missing === 0 || reassembler.isWriting) return 'nothing';
    return reassembler.missing === null && this.#options.isPatient ? 'word' : 'content';
  }

  /** The stream is heard meanwhile: the sender may have to say that it goes. */
  #takeManifest(stream: SecureStream, deflated: Bytes[] | undefined): void {
    if (deflated === undefined) return;
    this.#deciding = this.#decide(stream, deflated)
      .catch((error: unknown) => this.#streams.end(error))
      .finally(() => {
        this.#deciding = undefined;
      });
  }

  /** Content may come while the offer is looked at: right behind it, to who agreed beforehand. */
  async #taking(): Promise<TakenOffer> {
    if (this.#options.meeting.hasAgreed) await this.#deciding;
    if (this.#offer !== undefined) return this.#offer;
    this.#streams.signal.throwIfAborted();
    throw outOfTurn();
  }

  async #decide(stream: SecureStream, deflated: Bytes[]): Promise<void> {
    const { primitives } = this.#options;
    const { signal } = this.#streams;
    const { manifest, digest } = await decodeManifest(deflated, primitives, signal);
    // Nobody is to be asked, and nothing made, when all is over meanwhile.
    signal.throwIfAborted();
    this.#hasBegun = true;
    const offer = await this.#options.take(manifest, digest);
    // A later session has the answer as well.
    if (!this.#streams.signal.aborted) await this.#accept(stream, offer);
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
      (error: unknown) => this.#streams.end(error),
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
        streams: [...this.#streams.live].map(([number, { since, bytes }]) => ({
          number,
          since,
          bytes,
        })),
      }),
      announce: (streams) => void this.#say({ type: 'open-streams', streams }),
      open: async (number, lives) => {
        await this.#streams.serve(number, false, lives);
      },
      drop: (number) => this.#drop(number),
      signal: this.#streams.signal,
    });
    void this.#pool.run();
  }

  #drop(number: number): void {
    const live = this.#streams.live.get(number);
    if (live === undefined) this.#streams.giveUp(number);
    else {
      live.isDropped = true;
      live.stream.destroy();
    }
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
    const [any] = this.#streams.live.values();
    // If it does not leave, the stream dies, and the next meeting says what is missing.
    any?.stream.send({ frame: 'control', control }).catch(() => undefined);
    return any;
  }

  #lacks(ranges: readonly Range[]): boolean {
    const had = this.#offer?.reassembler.had;
    return ranges.some(([start, end]) => had?.has(start, end) === false);
  }
}
