import { isPassing, OnionferryError } from '../../base/errors.js';
import { silentLogger } from '../../base/logger.js';
import { type EncodedManifest, encodeManifest } from '../conversation/encoded-manifest.js';
import { withinPatience } from '../conversation/patience.js';
import { StallWatch } from '../conversation/stall-watch.js';
import { TamperingLimit } from '../conversation/tampering-limit.js';
import type { Met } from '../reconnecting/reconnect.js';
import type { Latest, TransferOptions } from '../transfer-options.js';
import { SenderSession, type SentTransfer } from './sender-session.js';
import type { Source } from './source.js';

export interface SendTransferOptions extends Omit<TransferOptions, 'onWritten'> {
  readonly source: Source;
  /**
   * A person may have to say first whether this is the right recipient: neither the offer nor content
   * leaves before it is done. What it rejects with ends the transfer.
   */
  readonly mayOffer?: Promise<void> | undefined;
  /**
   * The recipient has agreed beforehand to take whatever is offered, and hears the whole offer when
   * this is done; `onAccepted` follows. Called once.
   */
  readonly onAgreed?: (() => Promise<void>) | undefined;
  /** The recipient has accepted, for the first time; content leaves when this is done. */
  readonly onAccepted?: (() => Promise<void>) | undefined;
  /**
   * Bytes that the recipient has verified and written, of those that it wants, as it says itself;
   * `wanted` is null while that is not known.
   */
  readonly onWritten?: (bytes: number, wanted: number | null, latest: Latest) => void;
}

/**
 * Offers a source over an established meeting and sends it, reconnecting as often as needed.
 *
 * Resolves when the recipient's authenticated receipt has arrived: everything verified and on disk.
 *
 * @throws OnionferryError ERR_REFUSED, ERR_PEER_GONE, ERR_SOURCE, ERR_SOURCE_CHANGED, ERR_PROTOCOL
 */
export async function sendTransfer(options: SendTransferOptions): Promise<SentTransfer> {
  const sending = new Sending(options);
  try {
    return await sending.run();
  } finally {
    await sending.close();
  }
}

class Sending {
  readonly #options: SendTransferOptions;
  readonly #ending = new AbortController();
  readonly #signal: AbortSignal;
  readonly #manifest: Promise<EncodedManifest>;
  readonly #tampering: TamperingLimit;
  readonly #stall: StallWatch;
  /** Also while streams live: a restarted recipient may come before they seem dead. */
  #returning: Promise<Met>;
  #returned: Met | undefined;
  #hasOffered = false;
  #agreeing: Promise<void> | undefined;
  #accepting: Promise<void> | undefined;

  constructor(options: SendTransferOptions) {
    this.#options = options;
    const { signal } = options;
    const own = this.#ending.signal;
    this.#signal = signal === undefined ? own : AbortSignal.any([signal, own]);
    this.#tampering = new TamperingLimit(options.tamperedMax);
    this.#stall = new StallWatch({
      what: (due) =>
        due === 'word' ? 'the recipient has been finishing' : 'the recipient has taken nothing',
      maxMs: options.stallMaxMs,
      tellEveryMs: options.stallTellMs,
      onStalled: options.onStalled,
    });
    this.#manifest = encodeManifest(options.source.manifest, options.primitives);
    // Thrown when it is offered.
    this.#manifest.catch(() => undefined);
    this.#returning = this.#awaitReturn();
  }

  async run(): Promise<SentTransfer> {
    let { met } = this.#options;
    let lost: OnionferryError | undefined;
    for (;;) {
      met ??= await this.#meetAgain(lost);
      try {
        return await this.#offerIn(met);
      } catch (error) {
        this.#signal.throwIfAborted();
        const hasCome = this.#returned !== undefined;
        if (!hasCome && !(isPassing(error) && this.#hasOffered)) throw error;
        this.#tampering.count(error);
        met = undefined;
        lost = isPassing(error) ? error : undefined;
      }
    }
  }

  async close(): Promise<void> {
    this.#ending.abort(new OnionferryError('ERR_INTERRUPTED', 'the transfer is over'));
    await this.#options.reconnect.close();
  }

  async #offerIn(met: Met): Promise<SentTransfer> {
    const { source, logger = silentLogger, onWritten, onStreams } = this.#options;
    const { mayOffer = Promise.resolve(), onAgreed, onAccepted } = this.#options;
    const replaced = new AbortController();
    const session = new SenderSession({
      ...met,
      source,
      mayOffer,
      manifest: await this.#manifest,
      tampering: this.#tampering,
      stall: this.#stall,
      throttle: this.#options.throttle,
      logger,
      circuits: this.#options.circuits,
      signal: AbortSignal.any([this.#signal, replaced.signal]),
      onAgreed: async () => {
        this.#agreeing ??= onAgreed?.() ?? Promise.resolve();
        await this.#agreeing;
      },
      onOffered: () => {
        this.#hasOffered = true;
      },
      onAccepted: async () => {
        this.#hasOffered = true;
        this.#accepting ??= onAccepted?.() ?? Promise.resolve();
        await this.#accepting;
      },
      onWritten: (bytes, wanted, latest) => {
        this.#tampering.progress(bytes);
        onWritten?.(bytes, wanted, latest);
      },
      onStreams: (...now) => onStreams?.(...now),
    });
    this.#returning.then(
      (again) => {
        this.#returned = again;
        replaced.abort(new OnionferryError('ERR_PEER_GONE', 'the recipient has come again'));
      },
      () => undefined,
    );
    return await session.run();
  }

  async #meetAgain(lost: OnionferryError | undefined): Promise<Met> {
    const { onAway, onMet, awayMaxMs } = this.#options;
    this.#hasOffered = true;
    if (this.#returned === undefined) onAway?.(lost);
    const met = await withinPatience(() => this.#returning, awayMaxMs, this.#signal);
    this.#returned = undefined;
    this.#returning = this.#awaitReturn();
    onMet?.(met.generation);
    return met;
  }

  #awaitReturn(): Promise<Met> {
    const meeting = this.#options.reconnect.meet({ signal: this.#signal });
    // Thrown to whoever waits for the return, once the streams have died.
    meeting.catch(() => undefined);
    return meeting;
  }
}
