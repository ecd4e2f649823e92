import type { parallelWording } from '../../pages/parallel-wording.js';

export type DownloadFailureKind = keyof typeof parallelWording.failures;

/** Why a download has ended. The page has a sentence for each kind. */
export class DownloadFailure extends Error {
  override readonly name: string = 'DownloadFailure';
  readonly kind: DownloadFailureKind;

  constructor(kind: DownloadFailureKind, options?: { cause?: unknown }) {
    super(kind, options);
    this.kind = kind;
  }
}
