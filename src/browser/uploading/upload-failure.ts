/** Why sending ahead of the form ended. */
export class UploadFailure extends Error {
  override readonly name: string = 'UploadFailure';
  readonly kind: 'refused' | 'lost' | 'cancelled';
  /** What the inbox said: a title and a sentence */
  readonly said: readonly [title: string, sentence: string] | undefined;

  constructor(
    kind: UploadFailure['kind'],
    said?: readonly [title: string, sentence: string],
    options?: ErrorOptions,
  ) {
    super(kind, options);
    this.kind = kind;
    this.said = said;
  }
}
