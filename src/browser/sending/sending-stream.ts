import type { Bytes } from '../../base/bytes.js';
import { type Deferred, deferred } from '../../base/deferred.js';
import { OnionferryError } from '../../base/errors.js';
import type { Notifier } from '../../base/notifier.js';
import type { ChunkPlan } from '../../stream/chunk-plan.js';
import { manifestMessages } from '../../stream/manifest-parts.js';
import type { Control, Message } from '../../stream/message.js';
import { Ranges } from '../../stream/ranges.js';
import { converse } from '../stream/converse.js';
import type { SecureStream } from '../stream/secure-stream.js';
import type { Chosen } from './chosen.js';
import { pump } from './pump.js';

/** How long a sender that has the receipt waits for the recipient to close. */
const RECEIPT_ACK_MS = 2_000;

/** A manifest as it travels. */
export interface EncodedOffer {
  readonly deflated: Bytes;
  /** base64url of the SHA-256 of its JSON. */
  readonly digest: string;
}

export interface SendingStreamOptions {
  readonly stream: SecureStream;
  readonly chosen: Chosen;
  readonly offer: EncodedOffer;
  /** In the first meeting the sender makes its offer; later the recipient says first what it has. */
  readonly generation: number;
  readonly notifier: Notifier;
  readonly signal: AbortSignal;
  readonly onAccepted: (have: Ranges) => ChunkPlan;
  readonly onBytes: (bytes: number) => void;
}

/** What the sender says and hears over one stream, until the recipient's receipt. */
export class SendingStream {
  readonly #options: SendingStreamOptions;
  readonly #accepted: Deferred<ChunkPlan> = deferred();
  readonly #receipt: Deferred<undefined> = deferred();
  #had = new Ranges();
  #plan: ChunkPlan | undefined;
  #isAsked = false;

  constructor(options: SendingStreamOptions) {
    this.#options = options;
  }

  async run(): Promise<void> {
    const { stream, signal } = this.#options;
    await converse({
      stream,
      signal,
      hear: (message) => this.#hear(message),
      speak: (over) => this.#speak(over),
    });
  }

  async #speak(over: AbortSignal): Promise<void> {
    const { stream, chosen, notifier, generation } = this.#options;
    // A browser has one circuit for one address: more streams would share it.
    await stream.send({ frame: 'control', control: { type: 'stream-limit', streams: 1 } });
    if (generation === 0) await this.#sendManifest();
    const plan = await Promise.race([this.#accepted.promise, this.#receipt.promise]);
    if (plan !== undefined) {
      plan.join(stream.stream, performance.now());
      const pumping = pump({ stream, plan, chosen, notifier, signal: over });
      await Promise.race([pumping, this.#receipt.promise]);
      if (over.aborted) return;
      await this.#receipt.promise;
    }
    await stream.send({ frame: 'control', control: { type: 'receipt-ack' } });
    await stream.ended(RECEIPT_ACK_MS);
  }

  async #sendManifest(): Promise<void> {
    const { stream, offer } = this.#options;
    for (const message of manifestMessages(offer.deflated)) await stream.send(message);
  }

  async #hear(message: Message): Promise<void> {
    if (message.frame === 'control') await this.#hearControl(message.control);
    else if (message.frame === 'have' && this.#plan === undefined) this.#had = message.ranges;
    else throw unexpected();
  }

  async #hearControl(control: Control): Promise<void> {
    const plan = this.#plan;
    switch (control.type) {
      case 'accept':
        this.#accept(control.manifest);
        break;
      case 'open-streams':
        // Said before it heard how many streams there will be.
        break;
      case 'ack':
        if (plan === undefined) throw unexpected();
        plan.acknowledge(this.#options.stream.stream, control.frames, performance.now());
        this.#noteWritten(plan);
        break;
      case 'resend':
        this.#sendAgain(control.ranges);
        break;
      case 'manifest-request':
        if (this.#isAsked || plan !== undefined || this.#options.generation === 0) {
          throw unexpected();
        }
        this.#isAsked = true;
        await this.#sendManifest();
        break;
      case 'receipt':
        if (plan === undefined || control.bytes !== plan.end) throw unexpected();
        this.#options.onBytes(control.bytes);
        this.#receipt.resolve(undefined);
        break;
      default:
        throw unexpected();
    }
  }

  #accept(digest: string): void {
    const { offer, onAccepted } = this.#options;
    if (this.#plan !== undefined || digest !== offer.digest) throw unexpected();
    const plan = onAccepted(this.#had);
    this.#plan = plan;
    this.#noteWritten(plan);
    this.#accepted.resolve(plan);
  }

  #sendAgain(ranges: readonly (readonly [number, number])[]): void {
    const plan = this.#plan;
    for (const [start, end] of ranges) {
      if (plan === undefined || end > plan.end) throw unexpected();
      plan.again(start, end);
    }
    this.#options.notifier.notify();
  }

  #noteWritten(plan: ChunkPlan): void {
    this.#options.onBytes(plan.acknowledgedBytes);
    this.#options.notifier.notify();
  }
}

function unexpected(): OnionferryError {
  return new OnionferryError('ERR_PROTOCOL', 'the recipient said something out of turn; try again');
}
