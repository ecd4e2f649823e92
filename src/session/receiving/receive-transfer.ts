import { sleep } from '../../base/deadline.js';
import { isPassing, isResumable, OnionferryError } from '../../base/errors.js';
import { type Logger, silentLogger } from '../../base/logger.js';
import { isOpenEnded, type Manifest, totalBytes } from '../../stream/manifest.js';
import { withinPatience } from '../conversation/patience.js';
import type { Primitives } from '../conversation/primitives.js';
import { TamperingLimit } from '../conversation/tampering-limit.js';
import type { Met, Reconnect } from '../reconnecting/reconnect.js';
import type { Destination } from './destination.js';
import { Reassembler, type WholeTransfer } from './reassembler.js';
import { RecipientSession, type TakenOffer } from './recipient-session.js';

/** How long a recipient that has everything tries to send its receipt to a vanished sender. */
const RECEIPT_MAX_MS = 60_000;

/** Below this one circuit is as good as many. */
const SMALL_BYTES: number = 1024 * 1024;

export interface ReceiveTransferOptions {
  /** Undefined if the two sides have lost each other already: then they reconnect first. */
  readonly met: Met | undefined;
  readonly reconnect: Reconnect;
  readonly primitives: Primitives;
  /** Meetings in a row that a tampered stream may end; default TAMPERED_MAX. */
  readonly tamperedMax?: number | undefined;
  readonly logger?: Logger | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly awayMaxMs?: number | undefined;
  /** Streams that the user wants; undefined: as many as help. */
  readonly circuits?: number | undefined;
  /** An offer that was taken before this process was started. */
  readonly resumed?: ResumedOffer | undefined;
  /**
   * Decides on the offer and says where it goes.
   *
   * @param digest names the manifest
   * @throws OnionferryError ERR_REFUSED to decline
   */
  readonly accept: (manifest: Manifest, digest: string) => Promise<Destination>;
  /** Bytes verified and written. */
  readonly onWritten?: (bytes: number) => void;
  /** Streams that carry the transfer now. */
  readonly onStreams?: (streams: number) => void;
  /** The two sides have reconnected. */
  readonly onMet?: (generation: number) => void;
  /** The sender has vanished, or was not there to begin with; looking for it. */
  readonly onAway?: (why: OnionferryError | undefined) => void;
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
  #offer: TakenOffer | undefined;
  #whole: WholeTransfer | undefined;

  constructor(options: ReceiveTransferOptions) {
    this.#options = options;
    this.#tampering = new TamperingLimit(options.tamperedMax);
    this.#signal = options.signal ?? new AbortController().signal;
    const { resumed } = options;
    if (resumed !== undefined) this.#offer = this.#offerOf(resumed);
  }

  async run(): Promise<WholeTransfer> {
    try {
      return await this.#receive();
    } catch (error) {
      // Everything is on disk, even if the sender left without acknowledging the receipt.
      if (this.#whole !== undefined) return this.#whole;
      const destination = this.#offer?.reassembler.destination;
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
        logger: this.#options.logger ?? silentLogger,
        signal: this.#signal,
        take: async (manifest, digest) => {
          if (isSmall(manifest)) releaseAhead();
          const destination = await this.#options.accept(manifest, digest);
          return this.#offerOf({ manifest, digest, destination });
        },
        onStreams: (streams) => this.#options.onStreams?.(streams),
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
    try {
      const met = await withinPatience((signal) => reconnect.meet({ signal }), awayMaxMs, until);
      onMet?.(met.generation);
      return met;
    } finally {
      over.abort();
    }
  }

  #offerOf({ manifest, digest, destination }: ResumedOffer): TakenOffer {
    const reassembler = new Reassembler({
      destination,
      total: isOpenEnded(manifest) ? null : totalBytes(manifest),
      onWritten: (bytes) => {
        this.#tampering.progress(bytes);
        this.#options.onWritten?.(bytes);
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
