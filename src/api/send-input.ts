import type { Readable } from 'node:stream';

/** Paths of files and folders, a text note, or one file from a stream. */
export type SendInput =
  | readonly string[]
  | { readonly text: string }
  | { readonly stream: Readable; readonly name: string };
