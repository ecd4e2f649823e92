import type { Words } from '../../pages/words/words.js';
export type DownloadFailureKind = keyof Words['parallel']['failures'];

/** Why a download has ended. The page has a sentence for each kind. */
export class DownloadFailure extends Error {
  override readonly name: string = 'DownloadFailure';
  readonly kind: DownloadFailureKind;

  constructor(kind: DownloadFailureKind, options?: { cause?: unknown }) {
    super(kind, options);
    this.kind = kind;
  }
}
