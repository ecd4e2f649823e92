import type { FolderListing, TaskRequest } from '../../pages/desktop/state.js';

export interface DroppedFile {
  /** As it is to arrive, with `/` */
  readonly path: string;
  readonly content: Blob;
}

/** A file or a folder that a person dropped, with everything in it. */
export interface Dropped {
  readonly name: string;
  readonly kind: 'file' | 'folder';
  readonly files: readonly DroppedFile[];
  /** All of them, those above others first; empty ones are not among the paths of files */
  readonly folders: readonly string[];
}

export interface UploadOptions {
  /** Ends it, and removes what was copied. */
  readonly signal: AbortSignal;
  readonly onProgress: (bytes: number) => void;
}

/** What the page can ask of the program. */
export interface DesktopActions {
  /** @throws Error whose message is a sentence, as all of these do */
  readonly list: (path: string, showsHidden: boolean) => Promise<FolderListing>;
  start(request: TaskRequest): Promise<void>;
  /** Uploads what was dropped. @returns the drop's number */
  upload(dropped: readonly Dropped[], options: UploadOptions): Promise<number>;
  stop(id: number): Promise<void>;
  answer(id: number, accepts: boolean): Promise<void>;
  /** Takes a task that has ended off the page. */
  forget(id: number): Promise<void>;
  /** Goes on with an interrupted transfer. */
  resume(id: string): Promise<void>;
  /** Gives an interrupted transfer up, and removes what has arrived of it. */
  discard(id: string): Promise<void>;
  connect(): Promise<void>;
  quit(): Promise<void>;
}

/** Thrown by `start`: the words of an invitation are not in the list, and may be meant so. */
export class NotSure extends Error {}
