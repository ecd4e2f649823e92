/*
 * What the program of `onionferry open` tells its page, and what the page asks of it. Both sides use
 * these types; what the page asks is also checked by the program (`desktop/requests.ts`).
 */

/** What a person can start from the page. */
export type DesktopVerb = 'send' | 'receive' | 'share' | 'inbox' | 'site';

export const DESKTOP_VERBS: readonly DesktopVerb[] = ['send', 'receive', 'share', 'inbox', 'site'];

/** An error in the language of the page. */
export interface Failure {
  readonly sentence: string;
  readonly hints: readonly string[];
  /** What the program says itself, in English, where the sentence tells less */
  readonly detail?: string;
}

/** What the program says. */
export interface Sentence {
  readonly text: string;
  /** Whether it is in English on a page that is not */
  readonly isEnglish?: boolean;
}

/** The tor that everything on the page uses. */
export type TorState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'connected' }
  | { readonly kind: 'failed'; readonly failure: Failure };

/** A QR code, as the shape of its dark modules. */
export interface QrCode {
  /** Modules on each side, with the border */
  readonly size: number;
  /** For `d` of an SVG path, with one unit for a module */
  readonly path: string;
}

/** What the other side needs. */
export interface PlaceState {
  readonly url: string;
  readonly user: string;
  readonly password: string;
  /** For programs; missing where only browsers can come */
  readonly invitation?: string;
  readonly qr: QrCode;
}

/** Of one recipient, or of the whole task if it has no number. */
export interface ProgressState {
  readonly recipient?: number;
  readonly bytes: number;
  readonly total: number | null;
  /** Bytes a second */
  readonly rate: number;
  readonly circuits: number;
}

export interface OfferState {
  readonly kind: 'files' | 'text';
  /** Of the top level; the first of them */
  readonly names: readonly string[];
  readonly more: number;
  readonly files: number;
  /** null if the sender does not know yet */
  readonly bytes: number | null;
}

/**
 * - `running`: it works, or waits for the other side
 * - `asking`: its offer waits for an answer
 * - `ending`: it was told to stop
 * - `done`, `failed`, `stopped`: nothing of it is left
 */
export type TaskStage = 'running' | 'asking' | 'ending' | 'done' | 'failed' | 'stopped';

/** A file that has arrived, or was fetched. */
export interface FileState {
  readonly path: string;
  readonly bytes: number;
}

/** One thing that was started. */
export interface TaskState {
  readonly id: number;
  readonly verb: DesktopVerb;
  /** Names of what is sent or shared, or the folder */
  readonly about: string;
  readonly stage: TaskStage;
  /** A sentence on what happens now */
  readonly status: string;
  readonly place?: PlaceState;
  readonly progress: readonly ProgressState[];
  readonly offer?: OfferState;
  /** What has arrived or was fetched: the latest of them, the newest first */
  readonly files: readonly FileState[];
  /** A text that was received */
  readonly text?: string;
  readonly warnings: readonly Sentence[];
  readonly failure?: Failure;
}

/** A transfer that ended before it was complete, and can go on. */
export interface InterruptedState {
  readonly id: string;
  readonly verb: 'send' | 'receive';
  /** Names of what is sent, or the folder that is received into */
  readonly about: string;
  /** When it was begun, ISO 8601 */
  readonly since: string;
  /** How many it is sent to, if they are several */
  readonly recipients?: number;
}

export interface DesktopState {
  readonly tor: TorState;
  /** The newest first */
  readonly interrupted: readonly InterruptedState[];
  /** The newest first */
  readonly tasks: readonly TaskState[];
}

/** An entry of a folder in the user's home. */
export interface FolderEntry {
  readonly name: string;
  readonly kind: 'file' | 'folder';
  /** Of a file */
  readonly bytes?: number;
}

/** A folder in the user's home. */
export interface FolderListing {
  /** From the home on, with `/`; empty for the home itself */
  readonly path: string;
  readonly entries: readonly FolderEntry[];
  /** Entries that are not listed, because there are too many */
  readonly more: number;
}

/** What is to be sent or shared: paths from the home on, and what was dropped on the page. */
export interface Chosen {
  readonly paths: readonly string[];
  /** Of a drop that was uploaded */
  readonly drop?: number;
}

/** What the page asks the program to start. Folders are paths from the home on. */
export type TaskRequest =
  | ({ readonly verb: 'send'; readonly keep: boolean } & Chosen)
  | { readonly verb: 'send'; readonly text: string }
  | {
      readonly verb: 'receive';
      readonly invitation: string;
      readonly folder: string;
      /** Whether words that are not in the list are meant so */
      readonly isSure: boolean;
    }
  | ({ readonly verb: 'share' } & Chosen)
  | { readonly verb: 'inbox' | 'site'; readonly folder: string };

/** What the program gives the page when it is opened. */
export interface DesktopView {
  readonly verb: DesktopVerb;
  /** Where what is received goes, from the home on */
  readonly downloads: string;
}
