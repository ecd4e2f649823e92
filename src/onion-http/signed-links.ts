import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

const PARAMETER = 'signature';

/**
 * Links to single downloads that need no Basic auth while this process serves them.
 *
 * Firefox sends none when it resumes a download that broke off, if the password was typed at its
 * prompt. Only pages behind the access check show such links. Each opens one path, for reading.
 */
export class SignedLinks {
  readonly #key = randomBytes(32);

  /** @param path as it stands in the request: encoded, without a query */
  sign(path: string): string {
    return `${path}?${PARAMETER}=${this.#signatureOf(path).toString('base64url')}`;
  }

  admits({ method, url = '' }: IncomingMessage): boolean {
    if (method !== 'GET' && method !== 'HEAD') return false;
    const [path = '', query = ''] = url.split('?', 2);
    const shown = new URLSearchParams(query).get(PARAMETER);
    if (shown === null) return false;
    const signature = Buffer.from(shown, 'base64url');
    const right = this.#signatureOf(path);
    return signature.length === right.length && timingSafeEqual(signature, right);
  }

  #signatureOf(path: string): Buffer {
    return createHmac('sha256', this.#key).update(path).digest();
  }
}
