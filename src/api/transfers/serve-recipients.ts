import { deadline } from '../../base/deadline.js';
import { type Deferred, deferred } from '../../base/deferred.js';
import { asOnionferryError, hasCode, OnionferryError, ResumableError } from '../../base/errors.js';
import { DEFAULT_CURVE } from '../../pake/curves/curve-name.js';
import { generatePassword, type Password } from '../../pake/password.js';
import { createGuessLimit, type GuessLimit } from '../../session/meeting/guess-limit.js';
import type { Meeting, PeerState } from '../../session/meeting/meeting.js';
import { openSenderChannel, type SenderChannel } from '../../session/meeting/sender-meeting.js';
import { isOpenEnded, totalBytes } from '../../stream/manifest.js';
import { nodePrimitives } from '../../transfer/node-primitives.js';
import type { TransferSummary } from '../events.js';
import type { Work } from '../handle.js';
import { emitOf } from '../progress.js';
import { placeOf } from './invitation-to.js';
import { type Offered, RECIPIENTS_MAX, type ServeRecipientsOptions } from './offered.js';
import type { RelayHost } from './relay-host.js';
import { concernsOneRecipient, endsOffer, sendFiles } from './send-files.js';

const EXPIRED = 'nobody received it in time, so it is no longer offered';
/** Of a recipient that may still come back, but keeps nobody else out */
const UNDECIDED = 'the recipient has gone without an answer';
/** On somebody else's relay, where each needs a pair and a channel of those that one circuit may open. */
const RECIPIENTS_ELSEWHERE_MAX = 12;
/**
 * Serves one recipient, or with `keep` any number, side by side, until the expiry. A recipient that
 * declines or cannot go on costs nobody else anything: the next one is waited for.
 */
export async function serveRecipients(options: ServeRecipientsOptions): Promise<TransferSummary> {
  const { pages, settings, work } = options;
  using expiry =
    settings.expiryMs === undefined ? undefined : deadline(settings.expiryMs, EXPIRED, work.signal);
  const browsed = new AbortController();
  if (!settings.keep) void pages?.everything.then(() => browsed.abort());
  const ends = [expiry?.signal ?? work.signal, browsed.signal, options.until];
  const waiting = AbortSignal.any(ends.filter((end) => end !== undefined));
  const serving = new Serving(options);
  try {
    return await serving.untilOver(waiting);
  } catch (error) {
    if (work.signal.aborted) throw await serving.suspension(work.signal.reason);
    if (!waiting.aborted && !serving.isServing) throw error;
    const failure = asOnionferryError(error, 'ERR_INTERNAL', 'the channel failed');
    const message = `nobody else can be served: ${failure.message}`;
    if (!waiting.aborted) work.emit({ event: 'warning', message });
    // Nobody else is let in; those who are being served are served to the end.
    const summary = await serving.untilServed();
    if (summary !== undefined) return summary;
    if (!waiting.aborted) throw error;
    if (browsed.signal.aborted && pages !== undefined) {
      // It is loaded: it made these pages.
      const { endDownloads } = await import('./offered-pages.js');
      return await endDownloads(pages, work);
    }
    throw asOnionferryError(error, 'ERR_TIMEOUT', EXPIRED);
  } finally {
    await serving.close();
  }
}

/** One recipient that knows the password, until it has everything or is given up. */
interface Transfer {
  readonly ending: AbortController;
  /** There is a stream to it, or one is about to be. */
  isHere: boolean;
  hasAccepted: boolean;
  /** What is sent cannot be sent again. */
  isOnce: boolean;
  ended: Promise<void>;
}

/** A sender that lets recipients in, and its transfers to them. */
class Serving {
  readonly #options: ServeRecipientsOptions;
  readonly #guesses: GuessLimit;
  /** Of the first recipient that has everything, without `keep`; rejects with what ends the offer. */
  readonly #outcome: Deferred<TransferSummary> = deferred();
  /** In the order of their coming */
  readonly #transfers = new Set<Transfer>();
  readonly #closing = new AbortController();
  #password: Password;
  #announced: Password | undefined;
  #count: number;
  #last: TransferSummary | undefined;
  /** Something has ended the offer to everybody. */
  #hasFailed = false;
  /** Of a transfer that a later process can resume */
  #suspended: OnionferryError | undefined;
  /** Aborted when there is room for another recipient */
  #refusing: AbortController | undefined;
  #waiting: Promise<unknown> = Promise.resolve();

  constructor(options: ServeRecipientsOptions) {
    const { guesses = createGuessLimit(), password, isAnnounced = false, numbered = 0 } = options;
    this.#options = options;
    this.#guesses = guesses;
    this.#password = password;
    this.#count = numbered;
    if (isAnnounced) this.#announced = password;
    this.#outcome.promise.catch(() => undefined);
  }

  /** Lets recipients in until the signal aborts. @returns what the first one took, without `keep` */
  async untilOver(signal: AbortSignal): Promise<TransferSummary> {
    const waiting = this.#letIn(AbortSignal.any([signal, this.#closing.signal]));
    this.#waiting = waiting.catch(() => undefined);
    return await Promise.race([this.#outcome.promise, waiting]);
  }

  /** Waits for those that are being served. @returns what the last one took, if anybody did */
  async untilServed(): Promise<TransferSummary | undefined> {
    for (const transfer of this.#transfers) {
      if (!transfer.isHere && !transfer.hasAccepted) transfer.ending.abort(noLonger());
    }
    const served = this.#ended().then(() => this.#last);
    return await Promise.race([this.#outcome.promise, served]);
  }

  /** Whether there are recipients to serve, although nobody else can be let in. */
  get isServing(): boolean {
    return this.#transfers.size > 0 && !this.#hasFailed;
  }

  /** What to say after a suspension: how a transfer that was running is resumed, if one was. */
  async suspension(reason: unknown): Promise<unknown> {
    await this.close();
    return this.#suspended ?? reason;
  }

  /** With `keep`, whoever is still being served then can resume. */
  async close(): Promise<void> {
    this.#closing.abort(noLonger());
    const over = this.#options.settings.keep ? stopped() : noLonger();
    for (const { ending } of this.#transfers) ending.abort(over);
    await Promise.all([this.#waiting, this.#ended()]);
  }

  async #ended(): Promise<void> {
    while (this.#transfers.size > 0) {
      await Promise.all([...this.#transfers].map(({ ended }) => ended));
    }
  }

  async #letIn(signal: AbortSignal): Promise<never> {
    for (;;) {
      await this.#inChannel(signal);
      // A new password: that relay could learn the words from an earlier recipient.
      this.#password = generatePassword();
    }
  }

  /** Opens the channel of the current password. Returns when the password may not be used again. */
  async #inChannel(signal: AbortSignal): Promise<void> {
    const { relay, settings, work } = this.#options;
    const { curve = DEFAULT_CURVE, keep } = settings;
    const { access: channel, words } = this.#password;
    const isOthers = settings.relay !== undefined;
    const opened = await openSenderChannel(
      {
        relay: relay.client,
        primitives: nodePrimitives,
        onion: relay.onion,
        ...{ channel, words, curve, guesses: this.#guesses },
        onPeer: (state) => this.#onPeer(state),
        onWaiting: (reason) => work.emit({ event: 'waiting', reason }),
      },
      { signal },
    );
    let isTaken = false;
    try {
      this.#announce();
      for (;;) {
        await this.#untilRoom(opened, signal);
        if (isTaken && isOthers) return;
        const meeting = await opened.meet({ signal, alone: !keep });
        isTaken = true;
        this.#begin(meeting, channel);
        if (keep && isOthers) return;
      }
    } finally {
      await opened.close({ isTaken });
    }
  }

  /** Has everybody turned away while there is no room. */
  async #untilRoom(opened: SenderChannel, signal: AbortSignal): Promise<void> {
    if (this.#hasRoom) return;
    if (this.#options.settings.keep) this.#makeRoom();
    const refusing = new AbortController();
    this.#refusing = refusing;
    const either = AbortSignal.any([signal, refusing.signal]);
    await opened.refuse({ signal: either }).catch((error: unknown) => {
      signal.throwIfAborted();
      if (!refusing.signal.aborted) throw error;
    });
  }

  get #hasRoom(): boolean {
    const { keep, relay, password } = this.#options.settings;
    const transfers = [...this.#transfers];
    // Without a new password nobody else may be let in there.
    if (relay !== undefined && password !== undefined) return transfers.length === 0;
    if (!keep) return !transfers.some(({ isHere, hasAccepted }) => isHere || hasAccepted);
    return transfers.length < (relay === undefined ? RECIPIENTS_MAX : RECIPIENTS_ELSEWHERE_MAX);
  }

  /** One that is here goes before one that may come back. */
  #makeRoom(): void {
    const gone = [...this.#transfers].filter(({ isHere }) => !isHere);
    const leaving = gone.find(({ hasAccepted }) => !hasAccepted) ?? gone[0];
    leaving?.ending.abort(leaving.hasAccepted ? stopped() : noLonger());
  }

  #noteChange(): void {
    if (this.#hasRoom) this.#refusing?.abort(noLonger());
  }

  #begin(meeting: Meeting, channel: string): void {
    const { settings, work } = this.#options;
    this.#count++;
    const ending = new AbortController();
    const signal = AbortSignal.any([work.signal, ending.signal]);
    const emit = settings.keep ? emitOf(work, this.#count) : work.emit;
    const served: Work = { emit, signal };
    const transfer: Transfer = {
      ending,
      isHere: true,
      hasAccepted: false,
      isOnce: false,
      ended: Promise.resolve(),
    };
    this.#transfers.add(transfer);
    emit({ event: 'peer', state: 'authenticated' });
    transfer.ended = this.#send(transfer, meeting, channel, served)
      .catch((error: unknown) => this.#fail(transfer, error, served))
      .finally(() => {
        this.#transfers.delete(transfer);
        this.#noteChange();
      });
  }

  async #send(transfer: Transfer, meeting: Meeting, channel: string, work: Work): Promise<void> {
    const { offer, settings } = this.#options;
    const { curve = DEFAULT_CURVE } = settings;
    const { resumption } = meeting.keys;
    let offered: Offered | undefined;
    try {
      offered = await offer();
      const { source, origin } = offered;
      transfer.isOnce = source.growth !== undefined;
      const summary = await sendFiles({
        ...{ channel, curve, resumption, meeting, source, origin, settings, work },
        relay: this.#relayOf(transfer),
        generation: 0,
        onAccepted: () => this.#accept(transfer),
        onStreams: (streams) => this.#noteStreams(transfer, streams, work),
      });
      this.#last = summary;
      const { manifest } = source;
      const isWhole = isOpenEnded(manifest) || summary.bytes === totalBytes(manifest);
      this.#options.onServed?.(summary, isWhole);
      if (!settings.keep) this.#outcome.resolve(summary);
    } finally {
      if (offered === undefined) await meeting.abandon();
      await offered?.release?.();
    }
  }

  #noteStreams(transfer: Transfer, streams: number, { emit }: Work): void {
    const wasHere = transfer.isHere;
    transfer.isHere = streams > 0;
    if (wasHere && !transfer.isHere && !transfer.hasAccepted) {
      emit({ event: 'waiting', reason: UNDECIDED });
    }
    this.#noteChange();
  }

  /** Waking tor ends all its connections, so nobody else may be connected through it. */
  #relayOf(transfer: Transfer): Omit<RelayHost, keyof AsyncDisposable> {
    const { relay } = this.#options;
    return {
      onion: relay.onion,
      client: relay.client,
      renewCircuits: () => relay.renewCircuits(),
      wake: async () => {
        const others = [...this.#transfers].filter((other) => other !== transfer);
        if (!others.some(({ isHere }) => isHere)) await relay.wake();
      },
    };
  }

  /** Without `keep` the first that accepts is the one, and any other has to go. */
  #accept(transfer: Transfer): void {
    transfer.ending.signal.throwIfAborted();
    transfer.hasAccepted = true;
    if (this.#options.settings.keep) return;
    for (const other of this.#transfers) if (other !== transfer) other.ending.abort(taken());
  }

  #fail(transfer: Transfer, error: unknown, { emit }: Work): void {
    const { settings, work } = this.#options;
    const failure = asOnionferryError(error, 'ERR_INTERNAL', 'a transfer failed');
    const isOurs = transfer.ending.signal.aborted || work.signal.aborted;
    const isOwn = this.#options.hasOwnSources === true;
    const concernsOne =
      concernsOneRecipient(failure) ||
      (isOwn && hasCode(failure, 'ERR_SOURCE', 'ERR_SOURCE_CHANGED'));
    if (isOurs || concernsOne) emit({ event: 'peer', state: 'left' });
    if (isOurs) {
      const isOwnWord = hasCode(failure, 'ERR_SUSPENDED') && failure !== work.signal.reason;
      if (isOwnWord) this.#suspended ??= failure;
      return;
    }
    // With a chosen password nobody else may be let in on somebody else's relay.
    const isLast = settings.relay !== undefined && settings.password !== undefined;
    const { hasAccepted, isOnce } = transfer;
    const isOver = isLast || (hasAccepted && isOnce) || endsOffer(failure, hasAccepted);
    if (!concernsOne || (!settings.keep && isOver)) {
      this.#hasFailed = true;
      this.#outcome.reject(failure);
    } else emit({ event: 'warning', message: failure.message });
  }

  #onPeer(state: PeerState): void {
    // Told with the recipient's number.
    if (state !== 'authenticated') this.#options.work.emit({ event: 'peer', state });
  }

  #announce(): void {
    const { relay, settings, isMuch, work } = this.#options;
    const password = this.#password;
    if (this.#announced === password) return;
    this.#announced = password;
    const { onion } = relay;
    work.emit({ event: 'online', ...placeOf({ onion, password, isMuch, settings }) });
  }
}

function noLonger(): OnionferryError {
  return new OnionferryError('ERR_INTERRUPTED', 'the recipient is not served any longer');
}

/** Tells the recipient that this side may come back. */
function stopped(): ResumableError {
  return new ResumableError('ERR_INTERRUPTED', 'the sender had to stop');
}

function taken(): OnionferryError {
  return new OnionferryError('ERR_INTERRUPTED', 'somebody else is receiving this');
}
