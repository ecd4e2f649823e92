import type { Password } from '../../pake/password.js';
import type { GuessLimit } from '../../session/meeting/guess-limit.js';
import type { Source } from '../../session/sending/source.js';
import type { TransferSummary } from '../events.js';
import type { Work } from '../handle.js';
import type { Settings } from '../settings.js';
import type { OfferedPages } from './offered-pages.js';
import type { RelayHost } from './relay-host.js';
import type { Origin } from './send-files.js';

/** Recipients served at once: as many pairs as our relay lets one sender have in a channel. */
export const RECIPIENTS_MAX = 64;

/** What one recipient is offered. */
export interface Offered {
  readonly source: Source;
  /** Missing if an interrupted transfer cannot be resumed. */
  readonly origin?: Origin | undefined;
  /** Releases what was opened for this recipient alone. */
  readonly release?: () => Promise<void>;
}

export interface ServeRecipientsOptions {
  readonly relay: Omit<RelayHost, keyof AsyncDisposable>;
  readonly offer: () => Promise<Offered> | Offered;
  /** Whether recipients are told to build many circuits at once. */
  readonly isMuch: boolean;
  /** On somebody else's relay only of the first recipient. */
  readonly password: Password;
  /** Shared with pages that check the same words. */
  readonly guesses?: GuessLimit;
  /** When nobody else is let in, besides the expiry. */
  readonly until?: AbortSignal | undefined;
  /** Recipients that have their numbers already */
  readonly numbered?: number;
  /** Others have told of the address and the password. */
  readonly isAnnounced?: boolean;
  /** Each recipient has a source of its own, whose failure is nobody else's. */
  readonly hasOwnSources?: boolean;
  /** Recipients at once, with `keep`; default RECIPIENTS_MAX. */
  readonly recipientsMax?: number;
  /** How long a recipient may take over an offer; default half an hour. */
  readonly answerMaxMs?: number;
  /** So long it loses its place to nobody; default a minute. */
  readonly answerSureMs?: number;
  /** A recipient has everything. */
  readonly onServed?: (summary: TransferSummary, isWhole: boolean) => void;
  /** Where browsers may download it instead. */
  readonly pages?: Pick<OfferedPages, 'everything' | 'finish' | 'isSettled' | 'quiet'>;
  readonly settings: Settings;
  readonly work: Work;
}
