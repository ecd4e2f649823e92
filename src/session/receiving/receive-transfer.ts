import { sleep, within } from '../../base/deadline.js';
import { hasCode, isPassing, isResumable, OnionferryError } from '../../base/errors.js';
import { silentLogger } from '../../base/logger.js';
import { isOpenEnded, type Manifest, totalBytes } from '../../stream/manifest.js';
import { withinPatience } from '../conversation/patience.js';
import { StallWatch } from '../conversation/stall-watch.js';
import { TamperingLimit } from '../conversation/tampering-limit.js';
import type { Met } from '../reconnecting/reconnect.js';
import type { TransferOptions } from '../transfer-options.js';
import type { Destination } from './destination.js';
import { Reassembler, type WholeTransfer } from './reassembler.js';
import { RecipientSession, type TakenOffer } from './recipient-session.js';

/** How long a recipient that has everything tries to send its receipt to a vanished sender. */
const RECEIPT_MAX_MS = 60_000;

/** How long a recipient that is suspended waits for the last step of what it has received. */
const FINISH_MS = 3_000;

/** Below this one circuit is as good as many. */
const SMALL_BYTES: number = 1024 * 1024;

export interface ReceiveTransferOptions extends TransferOptions {
  /** An offer that was taken before this process was started. */
  readonly resumed?: ResumedOffer | undefined;
  /**
   * Decides on the offer and says where it goes. Asked once, also if the two sides lose each other
   * meanwhile.
   *
   * @param digest names the manifest
   * @param signal aborts when the answer is of no more use; then it is to settle soon
   * @throws OnionferryError ERR_REFUSED to decline
   */
  readonly accept: (
    manifest: Manifest,
    digest: string,
    signal: AbortSignal,
  ) => Promise<Destination>;
}

export interface ResumedOffer {
  readonly manifest: Manifest;
  readonly digest: string;
  readonly destination: Destination;
}

/**
 * Takes an offer over an established meeting and receives it, reconnecting as often as needed.
 *
 * Resolves when everything is verified, on disk and under its final name. If it does not come to
 * that, what was written is kept when the sender has merely vanished, and removed otherwise.
 *
 * @throws OnionferryError ERR_PEER_GONE, ERR_STREAM, ERR_PROTOCOL, ERR_DESTINATION, ERR_REFUSED,
 *   ERR_HOSTILE_NAME, ERR_CONFLICT
 */
export async function receiveTransfer(options: ReceiveTransferOptions): Promise<WholeTransfer> {
  const receiving = new Receiving(options);
  try {
    return await receiving.run();
  } finally {
    await options.reconnect.close();
  }
}

class Receiving {
  readonly #options: ReceiveTransferOptions;
  readonly #signal: AbortSignal;
  readonly #tampering: TamperingLimit;
  readonly #stall: StallWatch;
  readonly #over = new AbortController();
  #offer: TakenOffer | undefined;
  /** Of an offer that is, or was, decided on. */
  #decision: Promise<TakenOffer> | undefined;
  #whole: WholeTransfer | undefined;

  constructor(options: ReceiveTransferOptions) {
    this.#options = options;
    this.#tampering = new TamperingLimit(options.tamperedMax);
    this.#stall = new StallWatch({
      what: () => 'nothing has come',
      maxMs: options.stallMaxMs,
      tellEveryMs: options.stallTellMs,
      onStalled: options.onStalled,
    });
    this.#signal = options.signal ?? new AbortController().signal;
    const { resumed } = options;
    if (resumed !== undefined) this.#offer = this.#offerOf(resumed);
  }

  async run(): Promise<WholeTransfer> {
    try {
      return await this.#receive();
    } catch (error) {
      this.#over.abort(error);
      // A destination that is just being opened has to be closed, too.
      const taken = this.#offer ?? (await this.#decision?.catch(() => undefined));
      const reassembler = taken?.reassembler;
      const isSuspended = hasCode(error, 'ERR_SUSPENDED');
      if (isSuspended && reassembler?.isFinishing === true) {
        // Files that are getting their names get them all, if that does not take long.
        await within(reassembler.whole, FINISH_MS).catch(() => undefined);
      }
      // Everything is on disk, even if the sender left without acknowledging the receipt. A later
      // process of a side that is suspended can still send it.
      if (this.#whole !== undefined && !isSuspended) return this.#whole;
      const destination = reassembler?.destination;
      // A person who ends it, on either side, does not want half of it.
      await (isResumable(error) ? destination?.suspend() : destination?.discard());
      throw error;
    }
  }

  async #receive(): Promise<WholeTransfer> {
    let { met } = this.#options;
    let lost: OnionferryError | undefined;
    for (;;) {
      met ??= await this.#meetAgain(lost);
      const { generation } = met;
      const releaseAhead = met.meeting.releaseAhead.bind(met.meeting);
      const session = new RecipientSession({
        ...met,
        offer: this.#offer,
        circuits: this.#options.circuits,
        primitives: this.#options.primitives,
        tampering: this.#tampering,
        stall: this.#stall,
        throttle: this.#options.throttle,
        isPatient: this.#options.stallMaxMs === undefined,
        logger: this.#options.logger ?? silentLogger,
        signal: this.#signal,
        take: async (manifest, digest) => {
          if (isSmall(manifest)) releaseAhead();
          // Whoever knows the secret of the first meeting has the same manifest.
          this.#decision ??= this.#decide(manifest, digest);
          return await this.#decision;
        },
        onStreams: (...now) => this.#options.onStreams?.(...now),
      });
      try {
        return await session.run();
      } catch (error) {
        this.#signal.throwIfAborted();
        const mayReconnect = session.hasBegun || generation > 0;
        if (!isPassing(error) || !mayReconnect) throw error;
        this.#tampering.count(error);
        lost = error;
      } finally {
        releaseAhead();
      }
      met = undefined;
    }
  }

  async #meetAgain(lost: OnionferryError | undefined): Promise<Met> {
    const { reconnect, onAway, onMet, awayMaxMs } = this.#options;
    onAway?.(lost);
    const over = new AbortController();
    // Also if all is on disk only later, or is known to be there only in a moment.
    this.#offer?.reassembler.whole
      .then(() => sleep(RECEIPT_MAX_MS, over.signal))
      .then(
        () => over.abort(new OnionferryError('ERR_PEER_GONE', 'the sender did not come back')),
        () => undefined,
      );
    const until = AbortSignal.any([this.#signal, over.signal]);
    // A person who declines meanwhile does not wait for the sender.
    this.#decision?.catch((error: unknown) => over.abort(error));
    try {
      const met = await withinPatience((signal) => reconnect.meet({ signal }), awayMaxMs, until);
      onMet?.(met.generation);
      return met;
    } finally {
      over.abort();
    }
  }

  async #decide(manifest: Manifest, digest: string): Promise<TakenOffer> {
    const signal = AbortSignal.any([this.#signal, this.#over.signal]);
    const destination = await this.#options.accept(manifest, digest, signal);
    return this.#offerOf({ manifest, digest, destination });
  }

  #offerOf({ manifest, digest, destination }: ResumedOffer): TakenOffer {
    const reassembler = new Reassembler({
      destination,
      total: isOpenEnded(manifest) ? null : totalBytes(manifest),
      onWritten: (bytes, at) => {
        this.#tampering.progress(bytes);
        this.#stall.touch();
        this.#options.onWritten?.(bytes, { at, has: destination.written });
      },
    });
    reassembler.whole.then(
      (whole) => {
        this.#whole = whole;
      },
      () => undefined,
    );
    this.#offer = { reassembler, digest };
    return this.#offer;
  }
}

function isSmall(manifest: Manifest): boolean {
  return !isOpenEnded(manifest) && totalBytes(manifest) <= SMALL_BYTES;
}
