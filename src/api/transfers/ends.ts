import { hasCode, hasCourse, isResumable, type OnionferryError } from '../../base/errors.js';
import { PeerAbort } from '../../stream/peer-abort.js';

/*
 * How the transfer to one recipient ends if it does not get everything, and what becomes of the offer
 * to all others. README.md has the whole picture.
 */

/** What becomes of the offer: it waits for the next recipient, or ends with the error. */
type Offer = 'waits' | 'fails';

interface Outcome {
  /** To one recipient, which had not accepted yet. */
  readonly undecided: Offer;
  /** To one recipient, which had accepted. */
  readonly accepted: Offer;
  /** To any number, whether it had accepted or not. */
  readonly any: Offer;
}

const NEVER_FAILS: Outcome = { undecided: 'waits', accepted: 'waits', any: 'waits' };
/** Whoever has accepted and leaves for good was the one; before that it was a mistake. */
const FAILS_ONCE_ACCEPTED: Outcome = { undecided: 'waits', accepted: 'fails', any: 'waits' };
const FAILS: Outcome = { undecided: 'fails', accepted: 'fails', any: 'fails' };

export type RecipientEnd =
  | 'declined'
  | 'cancelled'
  | 'altered'
  | 'gone'
  | 'confused'
  | 'source-failed'
  | 'own-source-failed'
  | 'failed-here';

const OUTCOMES: Readonly<Record<RecipientEnd, Outcome>> = {
  /** It said no, or cannot take or write what is offered: the next one may. */
  declined: NEVER_FAILS,
  /** A person there has cancelled. */
  cancelled: FAILS_ONCE_ACCEPTED,
  /** What was sent was altered on its way: over the same relay the next one would fare no better. */
  altered: FAILS_ONCE_ACCEPTED,
  /** It has gone, for half an hour or saying that it may come back; what is needed to resume is kept. */
  gone: FAILS_ONCE_ACCEPTED,
  /** It said what no recipient may say. */
  confused: NEVER_FAILS,
  /** What is offered to everybody cannot be read, or has changed. */
  'source-failed': FAILS,
  /** The same of what was opened for this recipient alone. */
  'own-source-failed': NEVER_FAILS,
  /** Our tor has gone for good, or something failed that is nobody else's. */
  'failed-here': FAILS,
};

/** What the offer is at the end of one recipient's transfer. */
export interface OfferThen {
  /** To any number of recipients. */
  readonly keep: boolean;
  /** This one has accepted it. */
  readonly hasAccepted: boolean;
  /** What it was offered cannot be offered to another one. */
  readonly isOnce: boolean;
}

/** @param hasOwnSource whether what it was offered was opened for it alone */
export function endOf(error: OnionferryError, hasOwnSource = false): RecipientEnd {
  if (error instanceof PeerAbort) {
    if (error.reason === 'cancelled') return 'cancelled';
    return error.reason === 'tampered' ? 'altered' : 'declined';
  }
  if (hasCode(error, 'ERR_SOURCE', 'ERR_SOURCE_CHANGED')) {
    return hasOwnSource ? 'own-source-failed' : 'source-failed';
  }
  if (hasCode(error, 'ERR_REFUSED')) return 'declined';
  if (hasCode(error, 'ERR_PROTOCOL')) return 'confused';
  return isResumable(error) && !hasCourse(error, 'tor-lost') ? 'gone' : 'failed-here';
}

/** Whether it is an end of that recipient alone, whatever it means for the offer. */
export function concernsOneRecipient(end: RecipientEnd): boolean {
  return OUTCOMES[end].any === 'waits';
}

/** Whether the offer to everybody ends with it. */
export function endsOffer(end: RecipientEnd, { keep, hasAccepted, isOnce }: OfferThen): boolean {
  const { any, accepted, undecided } = OUTCOMES[end];
  if (keep) return any === 'fails';
  return isOnce || (hasAccepted ? accepted : undecided) === 'fails';
}
