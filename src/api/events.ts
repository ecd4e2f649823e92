/** What a handle tells of its work. The command line's `--json` prints exactly these. */
export type FerryEvent =
  | InstallEvent
  | TorEvent
  | OnlineEvent
  | PeerEvent
  | ResumingEvent
  | OfferEvent
  | ProgressEvent
  | FileEvent
  | TextEvent
  | WaitingEvent
  | WarningEvent
  | CheckEvent
  | DoneEvent;

export type EventName = FerryEvent['event'];

/** Tor itself is being brought to this machine. */
export interface InstallEvent {
  readonly event: 'install';
  readonly phase: 'download' | 'unpack' | 'verify';
  readonly bytes: number;
  readonly total?: number;
  readonly summary: string;
}

/** Tor connects to its network. */
export interface TorEvent {
  readonly event: 'tor';
  /** Percent. */
  readonly progress: number;
  readonly summary: string;
}

/** The address can be reached; what the other side needs is known. */
export interface OnlineEvent {
  readonly event: 'online';
  readonly onion: string;
  readonly url: string;
  /** For Basic auth. */
  readonly user: string;
  readonly password: string;
  /** Address, password and all else that the other side needs, in one text. */
  readonly invitation: string;
}

export interface PeerEvent {
  readonly event: 'peer';
  readonly state: 'joined' | 'authenticated' | 'rejected' | 'left';
}

/** An interrupted transfer goes on; on the sender's side the address can be reached again. */
export interface ResumingEvent {
  readonly event: 'resuming';
  readonly onion: string;
  /** What the recipient has from before; null on the sender's side, which learns it later. */
  readonly bytes: number | null;
  readonly total: number;
}

/** What the sender offers; names are safe to print. */
export interface OfferEvent {
  readonly event: 'offer';
  readonly kind: 'files' | 'text';
  /** Top level only. */
  readonly names: readonly string[];
  readonly files: number;
  /** null if the sender does not know yet. */
  readonly bytes: number | null;
}

/** Bytes that the recipient has verified and written, on both sides. */
export interface ProgressEvent {
  readonly event: 'progress';
  readonly bytes: number;
  readonly total: number | null;
  /** Bytes per second over the last seconds. */
  readonly rate: number;
  readonly circuits: number;
}

/** A file stands where it belongs, whole; `share` has delivered one. */
export interface FileEvent {
  readonly event: 'file';
  readonly path: string;
  readonly bytes: number;
  /** Of what was received; what `share` delivers, perhaps in parts, is not hashed. */
  readonly sha256?: string;
}

/** A text note, as the sender wrote it: not safe to print on a terminal as it is. */
export interface TextEvent {
  readonly event: 'text';
  readonly text: string;
}

export interface WaitingEvent {
  readonly event: 'waiting';
  readonly reason: string;
}

export interface WarningEvent {
  readonly event: 'warning';
  readonly message: string;
}

/** What `doctor` has looked at. */
export interface CheckEvent {
  readonly event: 'check';
  readonly check: 'program' | 'data-directory' | 'clock' | 'network';
  readonly ok: boolean;
  readonly detail: string;
  /** What to do about it. */
  readonly hint?: string;
}

export interface DoneEvent {
  readonly event: 'done';
  readonly bytes: number;
  readonly files: number;
  /** From the first content to the receipt. */
  readonly seconds: number;
  readonly circuits: number;
}

/** What a transfer came to. */
export type TransferSummary = Omit<DoneEvent, 'event'>;
