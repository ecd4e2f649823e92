/** Why an upload is refused. Names are as sent, so not safe to print. */
export type UploadRefusalReason =
  | { readonly kind: 'file-too-large'; readonly name: string; readonly limit: number }
  | {
      readonly kind: 'upload-too-large' | 'too-many-files' | 'note-too-long';
      readonly limit: number;
    }
  | { readonly kind: 'kind-refused' | 'name-refused'; readonly name: string }
  | { readonly kind: 'inbox-full' | 'disk-full' | 'busy' }
  /** By the command that looks at each upload, or because that failed */
  | { readonly kind: 'check-refused' | 'check-failed' }
  | { readonly kind: 'foreign-page' | 'broken-form' | 'empty-form' };

const STATUSES: Readonly<Record<UploadRefusalReason['kind'], number>> = {
  'file-too-large': 413,
  'upload-too-large': 413,
  'too-many-files': 413,
  'note-too-long': 413,
  'kind-refused': 415,
  'name-refused': 400,
  'inbox-full': 507,
  'disk-full': 507,
  busy: 503,
  'check-refused': 422,
  'check-failed': 503,
  'foreign-page': 403,
  'broken-form': 400,
  'empty-form': 400,
};

/** Ends an upload without saving anything. The sender sees a page with the reason. */
export class UploadRefusal extends Error {
  override readonly name: string = 'UploadRefusal';
  readonly reason: UploadRefusalReason;

  constructor(reason: UploadRefusalReason) {
    super(reason.kind);
    this.reason = reason;
  }

  /** Whether the same would be refused again, so that nothing of it is kept for another attempt. */
  get isFinal(): boolean {
    return this.reason.kind === 'check-refused';
  }

  get status(): number {
    return STATUSES[this.reason.kind];
  }
}
