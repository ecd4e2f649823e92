import { createHash } from 'node:crypto';
import { equalBytes, fromBase64Url } from '../../base/bytes.js';

/** Whether SHA-256(h_k) = hh_k, both base64url. */
export function isPreimage(h_k: string, hh_k: string): boolean {
  const key = fromBase64Url(h_k);
  const hash = fromBase64Url(hh_k);
  if (key === undefined || hash === undefined) return false;
  return equalBytes(createHash('sha256').update(key).digest(), hash);
}
