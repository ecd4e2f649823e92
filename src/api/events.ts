import type { RelayCounts } from '../relay/server/relay-counts.js';

/** What a handle reports. The command line's `--json` prints exactly these events. */
export type FerryEvent =
  | InstallEvent
  | TorEvent
  | AddressEvent
  | OnlineEvent
  | PeerEvent
  | VerifyEvent
  | VisitEvent
  | RefusedEvent
  | RelayEvent
  | ResumingEvent
  | OfferEvent
  | ProgressEvent
  | ArrivedEvent
  | UploadEvent
  | FileEvent
  | PurgedEvent
  | TextEvent
  | WaitingEvent
  | WarningEvent
  | CheckEvent
  | DoneEvent;

/** The names of the events. */
export type EventName = FerryEvent['event'];

/** Tor is being installed on this machine. */
export interface InstallEvent {
  readonly event: 'install';
  readonly phase: 'download' | 'unpack' | 'verify';
  readonly bytes: number;
  readonly total?: number;
  readonly summary: string;
}

/** Tor is connecting to its network. */
export interface TorEvent {
  readonly event: 'tor';
  /** Percent. */
  readonly progress: number;
  readonly summary: string;
}

/** What the other side needs. */
interface Place {
  readonly onion: string;
  readonly url: string;
  /** For Basic auth. */
  readonly user: string;
  readonly password: string;
  /** Address, password and everything else the other side needs, in one line of text. */
  readonly invitation: string;
  /** Of a private address: what Tor Browser asks for before it opens it; also in the invitation */
  readonly clientKey?: string;
  /** Of an identity with clients: how many are let near, each with a key of their own */
  readonly clients?: number;
  /** Of one of several machines of a relay, whose address is before all of them: its own */
  readonly backend?: string;
  /** The same as the invitation for Tor Browser, with the login; on request (`withBrowserLink`) */
  readonly link?: string;
}

/** Where a sender will be reached in a few seconds, by its own relay: the same that `online` tells. */
export interface AddressEvent extends Place {
  readonly event: 'address';
}

/** The address can be reached. */
export interface OnlineEvent extends Place {
  readonly event: 'online';
}

/** Of a sender that may serve several recipients at once: which of them, counted from 1. */
interface OfRecipient {
  readonly recipient?: number;
}

/** A recipient has its number when it is `authenticated`. */
export interface PeerEvent extends OfRecipient {
  readonly event: 'peer';
  readonly state: 'joined' | 'authenticated' | 'rejected' | 'left';
}

/** With `withVerify`: what the other side has to show as well, unless somebody is between the two. */
export interface VerifyEvent extends OfRecipient {
  readonly event: 'verify';
  /** Five words. Not secret: it opens nothing. */
  readonly phrase: string;
}

/** A visitor of `share`, `inbox`, `site`, `serve` or `relay` has shown the password for the first time. */
export interface VisitEvent {
  readonly event: 'visit';
  /** So far, this one included. One who comes through a new circuit counts again. */
  readonly visitors: number;
}

/** Visitors have shown wrong passwords; told at most every 5 s. */
export interface RefusedEvent {
  readonly event: 'refused';
  /** Since the last time that this was told. */
  readonly attempts: number;
  readonly total: number;
}

/** What `relay` has done and does now; told when it is online, every 5 s if it has changed, and at the end. */
export interface RelayEvent extends RelayCounts {
  readonly event: 'relay';
}

/** An interrupted transfer resumes; on the sender's side its address can be reached again. */
export interface ResumingEvent extends OfRecipient {
  readonly event: 'resuming';
  readonly onion: string;
  /** What the recipient has already; null on the sender's side, which learns it later. */
  readonly bytes: number | null;
  readonly total: number;
}

/** A file or a folder of an offer. */
export interface OfferedEntry {
  readonly name: string;
  readonly kind: 'file' | 'folder' | 'link';
  /** Files in it; 1 of a file. */
  readonly files: number;
  /** null if the sender does not know yet. */
  readonly bytes: number | null;
}

/** What the sender offers. The names are safe to print. */
export interface OfferEvent {
  readonly event: 'offer';
  readonly kind: 'files' | 'text';
  /** Of the top level. */
  readonly names: readonly string[];
  /** What the first 100 of them are, in the same order; missing of a text. */
  readonly entries?: readonly OfferedEntry[];
  readonly files: number;
  /** null if the sender does not know yet. */
  readonly bytes: number | null;
  /** With `withOnly`: what of it matches. */
  readonly wanted?: { readonly files: number; readonly bytes: number | null };
}

/**
 * Bytes that the recipient has verified and written; both sides report them. Of a page, which does
 * not tell, bytes that tor has taken for it.
 */
export interface ProgressEvent extends OfRecipient {
  readonly event: 'progress';
  readonly bytes: number;
  readonly total: number | null;
  /** Bytes per second, over the last 5 s. */
  readonly rate: number;
  readonly circuits: number;
  /** Of a transfer of files: the one of which something was written last. */
  readonly file?: string;
  /** Its number in the offer, which counts up to `files`. */
  readonly fileNumber?: number;
  readonly files?: number;
}

/**
 * The recipient has verified and written all of a file, which gets its final name when everything
 * has come. Told by both sides, of transfers of at most 100 files.
 */
export interface ArrivedEvent extends OfRecipient {
  readonly event: 'arrived';
  readonly path: string;
  readonly bytes: number;
}

/** An upload to an inbox is under way, and takes longer than a second. */
export interface UploadEvent {
  readonly event: 'upload';
  /** Of the file that is arriving; empty if names are not told. */
  readonly name: string;
  /** Of a form of several files: of all of them, with what the form adds in `total`. */
  readonly bytes: number;
  readonly total: number | null;
  /** Whether nothing has come for a while; the visitor may come back and go on. */
  readonly isStopped: boolean;
}

/** A file was received whole and has its final name, or `share` has delivered it. */
export interface FileEvent {
  readonly event: 'file';
  /** Empty if names are not told. */
  readonly path: string;
  /** Of an inbox that encrypts, those of the encrypted file, as its hash is. */
  readonly bytes: number;
  /** Of received files only: `share` may deliver a file in parts. Missing if names are not told. */
  readonly sha256?: string;
  /** Of `inbox`: the id of the upload, which its receipt shows as well. */
  readonly upload?: string;
}

/** `inbox` has removed a file, because it was kept long enough. */
export interface PurgedEvent {
  readonly event: 'purged';
  /** Empty if names are not told. */
  readonly path: string;
  readonly bytes: number;
}

/** A text note as the sender wrote it; not safe to print on a terminal. */
export interface TextEvent {
  readonly event: 'text';
  readonly text: string;
}

/** The call waits for the other side or for Tor. */
export interface WaitingEvent extends OfRecipient {
  readonly event: 'waiting';
  readonly reason: string;
  /** Everything is done, and ending the call now is no failure. */
  readonly isDone?: true;
}

/** Something failed or was left out, which does not end the call. */
export interface WarningEvent extends OfRecipient {
  readonly event: 'warning';
  readonly message: string;
}

/** A check by `doctor`. */
export interface CheckEvent {
  readonly event: 'check';
  readonly check: 'program' | 'data-directory' | 'clock' | 'network';
  readonly ok: boolean;
  readonly detail: string;
  /** What to do if it failed. */
  readonly hint?: string;
}

/** A transfer is complete. With `recipient` the sender goes on serving others. */
export interface DoneEvent extends OfRecipient {
  readonly event: 'done';
  /** Of content that somebody has whole, however much of it has travelled twice. */
  readonly bytes: number;
  readonly files: number;
  /** From the first content to the receipt. */
  readonly seconds: number;
  readonly circuits: number;
}

/** The result of a transfer. */
export type TransferSummary = Omit<DoneEvent, 'event' | 'recipient'>;

/** The result of `receive`. */
export interface ReceiveSummary extends TransferSummary {
  /** The text note, if the sender sent one; not safe to print on a terminal. */
  readonly text?: string;
}
