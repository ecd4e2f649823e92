import { deadline } from '../../base/deadline.js';
import { type Deferred, deferred } from '../../base/deferred.js';
import { asOnionferryError, hasCode, OnionferryError, ResumableError } from '../../base/errors.js';
import { DEFAULT_CURVE } from '../../pake/curves/curve-name.js';
import type { Meeting } from '../../session/meeting/meeting.js';
import { isOpenEnded, totalBytes } from '../../stream/manifest.js';
import { TurnedAway } from '../../stream/peer-abort.js';
import type { TransferSummary } from '../events.js';
import type { Work } from '../handle.js';
import { emitOf } from '../progress.js';
import { concernsOneRecipient, endOf, endsOffer } from './ends.js';
import { Entrance } from './entrance.js';
import { type Offered, RECIPIENTS_MAX, type ServeRecipientsOptions } from './offered.js';
import type { RelayHost } from './relay-host.js';
import { sendFiles } from './send-files.js';

const EXPIRED = 'nobody received it in time, so it is no longer offered';
/** Of a recipient that may still come back, but keeps nobody else out */
const UNDECIDED = 'the recipient has gone without an answer';
/** On somebody else's relay, where each needs a pair and a channel of those that one circuit may open. */
const RECIPIENTS_ELSEWHERE_MAX = 12;
/** For a person to read an offer and to make room for it. */
const ANSWER_MAX_MS = 30 * 60_000;
/** So long nobody loses their place to others who wait for one. */
const ANSWER_SURE_MS = 60_000;

/**
 * Serves one recipient, or with `keep` any number, side by side, until the expiry. A recipient that
 * declines or cannot go on costs nobody else anything: the next one is waited for. README.md has the
 * ends of it.
 */
export async function serveRecipients(options: ServeRecipientsOptions): Promise<TransferSummary> {
  const { pages, settings, work } = options;
  using expiry =
    settings.expiryMs === undefined ? undefined : deadline(settings.expiryMs, EXPIRED, work.signal);
  const browsed = new AbortController();
  if (!settings.keep) void pages?.everything.then(() => browsed.abort());
  const ends = [expiry?.signal ?? work.signal, browsed.signal, options.until];
  const closing = AbortSignal.any(ends.filter((end) => end !== undefined));
  const recipients = new Recipients(options, () => entrance.noteChange());
  const entrance = new Entrance(options, recipients);
  const close = (): Promise<unknown> => Promise.all([entrance.close(), recipients.close()]);
  try {
    return await Promise.race([recipients.outcome, entrance.open(closing)]);
  } catch (error) {
    if (work.signal.aborted) {
      await close();
      throw recipients.suspended ?? work.signal.reason;
    }
    if (!closing.aborted && !recipients.isServing) throw error;
    const failure = asOnionferryError(error, 'ERR_INTERNAL', 'the channel failed');
    const message = `nobody else can be served: ${failure.message}`;
    if (!closing.aborted) work.emit({ event: 'warning', message });
    // Nobody else is let in; those who are being served are served to the end.
    const summary = await recipients.untilServed();
    if (summary !== undefined) return summary;
    if (!closing.aborted) throw error;
    if (browsed.signal.aborted && pages !== undefined) {
      // It is loaded: it made these pages.
      const { endDownloads } = await import('./offered-pages.js');
      return await endDownloads(pages, work);
    }
    throw asOnionferryError(error, 'ERR_TIMEOUT', EXPIRED);
  } finally {
    await close();
  }
}

/** One recipient that knows the password, until it has everything or is given up. */
interface Transfer {
  readonly ending: AbortController;
  /** Aborts when another one has accepted what only one may have. */
  readonly taken: AbortController;
  /** There is a stream to it, or one is about to be. */
  isHere: boolean;
  hasAccepted: boolean;
  /** It has had time to answer, and may lose its place to others. */
  isSlow: boolean;
  /** What is sent cannot be sent again. */
  isOnce: boolean;
  ended: Promise<void>;
  /** It need not answer any more. */
  answered(): void;
}

/** A sender's transfers to recipients that know the password. */
class Recipients {
  readonly #options: ServeRecipientsOptions;
  readonly #onChange: () => void;
  /** Of the first recipient that has everything, without `keep`; rejects with what ends the offer. */
  readonly #outcome: Deferred<TransferSummary> = deferred();
  /** In the order of their coming */
  readonly #transfers = new Set<Transfer>();
  #count: number;
  #last: TransferSummary | undefined;
  #hasFailed = false;
  #suspended: OnionferryError | undefined;

  /** @param onChange called when there may be room for another one */
  constructor(options: ServeRecipientsOptions, onChange: () => void) {
    this.#options = options;
    this.#onChange = onChange;
    this.#count = options.numbered ?? 0;
    this.#outcome.promise.catch(() => undefined);
  }

  /** Without `keep` what the first one took that has everything; rejects with what ends the offer. */
  get outcome(): Promise<TransferSummary> {
    return this.#outcome.promise;
  }

  /** Whether there are recipients to serve, although nobody else can be let in. */
  get isServing(): boolean {
    return this.#transfers.size > 0 && !this.#hasFailed;
  }

  /** Of a transfer that this side's end has suspended, and that a later process can resume */
  get suspended(): OnionferryError | undefined {
    return this.#suspended;
  }

  get hasRoom(): boolean {
    const { keep, relay, password } = this.#options.settings;
    const transfers = [...this.#transfers];
    // Without a new password nobody else may be let in there.
    if (relay !== undefined && password !== undefined) return transfers.length === 0;
    if (!keep) return !transfers.some(({ isHere, hasAccepted }) => isHere || hasAccepted);
    const { recipientsMax = RECIPIENTS_MAX } = this.#options;
    const most = relay === undefined ? recipientsMax : RECIPIENTS_ELSEWHERE_MAX;
    return transfers.length < most;
  }

  /**
   * With `keep`, lets one go for somebody who waits. Those without an answer go first, since whoever
   * knows the password may come any number of times; of one that has accepted the record stays.
   */
  makeRoom(): void {
    if (!this.#options.settings.keep || this.hasRoom) return;
    const all = [...this.#transfers].filter(({ ending }) => !ending.signal.aborted);
    // Some are leaving already.
    if (all.length < this.#transfers.size) return;
    const undecided = all.filter(({ hasAccepted }) => !hasAccepted);
    const leaving =
      undecided.find(({ isHere }) => !isHere) ??
      undecided.find(({ isSlow }) => isSlow) ??
      all.find(({ isHere }) => !isHere);
    leaving?.ending.abort(leaving.hasAccepted ? stopped() : undecidedWhileOthersWait());
  }

  begin(meeting: Meeting, channel: string): void {
    const { settings, work } = this.#options;
    this.#count++;
    const ending = new AbortController();
    const signal = AbortSignal.any([work.signal, ending.signal]);
    const emit = settings.keep ? emitOf(work, this.#count) : work.emit;
    const served: Work = { emit, signal };
    const transfer: Transfer = {
      ending,
      taken: new AbortController(),
      isHere: true,
      hasAccepted: false,
      isSlow: false,
      isOnce: false,
      ended: Promise.resolve(),
      answered: this.#awaitAnswer(ending, () => {
        transfer.isSlow = true;
        this.#onChange();
      }),
    };
    this.#transfers.add(transfer);
    emit({ event: 'peer', state: 'authenticated' });
    transfer.ended = this.#send(transfer, meeting, channel, served)
      .catch((error: unknown) => this.#fail(transfer, error, served))
      .finally(() => {
        transfer.answered();
        this.#transfers.delete(transfer);
        this.#onChange();
      });
  }

  /** Waits for those that are being served. @returns what the last one took, if anybody did */
  async untilServed(): Promise<TransferSummary | undefined> {
    for (const transfer of this.#transfers) {
      if (!transfer.isHere && !transfer.hasAccepted) transfer.ending.abort(noLonger());
    }
    const served = this.#ended().then(() => this.#last);
    return await Promise.race([this.#outcome.promise, served]);
  }

  /** With `keep`, whoever is still being served then can resume. */
  async close(): Promise<void> {
    const over = this.#options.settings.keep ? stopped() : noLonger();
    for (const { ending } of this.#transfers) ending.abort(over);
    await this.#ended();
  }

  async #ended(): Promise<void> {
    while (this.#transfers.size > 0) {
      await Promise.all([...this.#transfers].map(({ ended }) => ended));
    }
  }

  /** @returns ends the wait */
  #awaitAnswer(ending: AbortController, onSlow: () => void): () => void {
    const { answerSureMs = ANSWER_SURE_MS, answerMaxMs = ANSWER_MAX_MS } = this.#options;
    const slow = setTimeout(onSlow, answerSureMs);
    const late = setTimeout(() => ending.abort(undecidedForTooLong()), answerMaxMs);
    return () => {
      clearTimeout(slow);
      clearTimeout(late);
    };
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
        taken: transfer.taken.signal,
        onStreams: (streams, isOver) => this.#noteStreams(transfer, streams, isOver, work),
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

  #noteStreams(transfer: Transfer, streams: number, isOver: boolean, { emit }: Work): void {
    const wasHere = transfer.isHere;
    transfer.isHere = streams > 0;
    if (wasHere && !transfer.isHere && !transfer.hasAccepted && !isOver) {
      emit({ event: 'waiting', reason: UNDECIDED });
    }
    // It has come back too late.
    if (transfer.isHere && this.#isTakenFrom(transfer)) transfer.ending.abort(taken());
    this.#onChange();
  }

  /** Waking tor ends all its connections, so nobody else may be connected through it. */
  #relayOf(transfer: Transfer): Omit<RelayHost, keyof AsyncDisposable> {
    const { relay } = this.#options;
    return {
      onion: relay.onion,
      door: relay.door,
      client: relay.client,
      renewCircuits: () => relay.renewCircuits(),
      wake: async () => {
        const others = [...this.#transfers].filter((other) => other !== transfer);
        if (!others.some(({ isHere }) => isHere)) await relay.wake();
      },
    };
  }

  /** Without `keep` the first that accepts is the one, and any other is told so. */
  #accept(transfer: Transfer): void {
    transfer.ending.signal.throwIfAborted();
    if (this.#isTakenFrom(transfer)) throw taken();
    transfer.hasAccepted = true;
    transfer.answered();
    for (const other of this.#transfers) {
      if (!this.#isTakenFrom(other)) continue;
      other.taken.abort();
      // One that is away is told when it comes back.
      if (other.isHere) other.ending.abort(taken());
    }
  }

  #isTakenFrom(transfer: Transfer): boolean {
    const others = [...this.#transfers].filter((other) => other !== transfer);
    return !this.#options.settings.keep && others.some(({ hasAccepted }) => hasAccepted);
  }

  #fail(transfer: Transfer, error: unknown, { emit }: Work): void {
    const { settings, work } = this.#options;
    const failure = asOnionferryError(error, 'ERR_INTERNAL', 'a transfer failed');
    const isOurs =
      transfer.ending.signal.aborted || work.signal.aborted || failure instanceof TurnedAway;
    const end = endOf(failure, this.#options.hasOwnSources);
    const concernsOne = concernsOneRecipient(end);
    if (isOurs || concernsOne) emit({ event: 'peer', state: 'left' });
    if (isOurs) {
      const isOwnWord = hasCode(failure, 'ERR_SUSPENDED') && failure !== work.signal.reason;
      if (isOwnWord) this.#suspended ??= failure;
      const isNews = failure instanceof TurnedAway && failure.reason === 'undecided';
      if (isNews) emit({ event: 'warning', message: failure.message });
      return;
    }
    const { keep, relay, password } = settings;
    const { hasAccepted } = transfer;
    // With a chosen password nobody else may be let in on somebody else's relay.
    const isLast = relay !== undefined && password !== undefined;
    const isOnce = isLast || (hasAccepted && transfer.isOnce);
    if (endsOffer(end, { keep, hasAccepted, isOnce })) {
      this.#hasFailed = true;
      this.#outcome.reject(failure);
    } else emit({ event: 'warning', message: failure.message });
  }
}

function noLonger(): OnionferryError {
  return new OnionferryError('ERR_INTERRUPTED', 'the recipient is not served any longer');
}

/** Tells the recipient that this side may come back. */
function stopped(): ResumableError {
  return new ResumableError('ERR_INTERRUPTED', 'the sender had to stop');
}

function taken(): TurnedAway {
  return new TurnedAway('taken', 'somebody else is receiving this');
}

function undecidedForTooLong(): TurnedAway {
  return new TurnedAway('undecided', 'the recipient has given no answer for too long');
}

function undecidedWhileOthersWait(): TurnedAway {
  return new TurnedAway('undecided', 'the recipient has given no answer, and others are waiting');
}
