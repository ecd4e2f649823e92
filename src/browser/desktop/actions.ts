import type { FolderListing, TaskRequest } from '../../pages/desktop/state.js';

/** What a person dropped: files with their paths, as they are to arrive. */
export interface DroppedFile {
  readonly path: string;
  readonly content: Blob;
}

/** What the page can ask of the program. */
export interface DesktopActions {
  /** @throws Error whose message is a sentence, as all of these do */
  readonly list: (path: string, showsHidden: boolean) => Promise<FolderListing>;
  start(request: TaskRequest): Promise<void>;
  /** Uploads what was dropped. @returns the drop's number */
  upload(files: readonly DroppedFile[], onProgress: (bytes: number) => void): Promise<number>;
  stop(id: number): Promise<void>;
  answer(id: number, accepts: boolean): Promise<void>;
  /** Takes a task that has ended off the page. */
  forget(id: number): Promise<void>;
  connect(): Promise<void>;
  quit(): Promise<void>;
}

/** Thrown by `start`: the words of an invitation are not in the list, and may be meant so. */
export class NotSure extends Error {}
