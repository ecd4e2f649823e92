import * as v from 'valibot';
import { UploadRefusal } from './upload-refusal.js';

/** A field of the form, in place of a file that the page's script has sent ahead. */
export const STAGED_FIELD = 'staged';

const FIELD = v.object({
  id: v.pipe(v.string(), v.maxLength(100)),
  /** As a browser would have sent it with the file */
  name: v.pipe(v.string(), v.maxLength(8192)),
  /** Of the file on the visitor's side, in hex: SHA-256 of the SHA-256s of its units */
  unitsSha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
});

export interface StagedField {
  readonly id: string;
  readonly name: string;
  readonly unitsSha256: string;
}

/** @throws UploadRefusal broken-form */
export function readStagedField(text: string): StagedField {
  try {
    return v.parse(FIELD, JSON.parse(text));
  } catch {
    throw new UploadRefusal({ kind: 'broken-form' });
  }
}
