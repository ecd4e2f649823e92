import { concat, toBase64Url, utf8 } from '../../base/bytes.js';
import { DIGEST_UNIT_BYTES } from '../../pages/inbox/limits.js';

const SAMPLES = 16;
const SAMPLE_BYTES = 16 * 1024;

/**
 * By which the inbox recognizes a file that was sent in part, also after the browser was restarted:
 * its name, size and time, and samples from all over it. Only who holds that file can compute it.
 */
export async function fingerprintOf(file: File): Promise<string> {
  const { name, size, lastModified, webkitRelativePath } = file;
  const about = JSON.stringify([webkitRelativePath, name, size, lastModified]);
  const samples: Uint8Array[] = [];
  for (let n = 0; n < SAMPLES; n++) {
    const at = Math.floor((Math.max(0, size - SAMPLE_BYTES) * n) / (SAMPLES - 1));
    samples.push(new Uint8Array(await file.slice(at, at + SAMPLE_BYTES).arrayBuffer()));
  }
  return toBase64Url(await sha256(concat(utf8(about), ...samples)));
}

/** SHA-256 of the SHA-256s of its units, in hex. */
export async function unitsDigestOf(file: File, signal: AbortSignal): Promise<string> {
  const digests: Uint8Array[] = [];
  for (let at = 0; at < file.size; at += DIGEST_UNIT_BYTES) {
    signal.throwIfAborted();
    const unit = await file.slice(at, at + DIGEST_UNIT_BYTES).arrayBuffer();
    digests.push(await sha256(new Uint8Array(unit)));
  }
  const digest = await sha256(concat(...digests));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
}
