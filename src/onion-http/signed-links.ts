import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

const PARAMETER = 'pass';

/**
 * Addresses of single downloads that need no Basic auth, for as long as this process serves them.
 *
 * Firefox sends none when it goes on with a download that broke off, if the password was typed at
 * its prompt. Only who was let in is shown such addresses; each opens one path, to read.
 */
export class SignedLinks {
  readonly #key = randomBytes(32);

  /** @param path as it stands in the request: encoded, without a query */
  sign(path: string): string {
    return `${path}?${PARAMETER}=${this.#passOf(path).toString('base64url')}`;
  }

  admits({ method, url = '' }: IncomingMessage): boolean {
    if (method !== 'GET' && method !== 'HEAD') return false;
    const [path = '', query = ''] = url.split('?', 2);
    const shown = new URLSearchParams(query).get(PARAMETER);
    if (shown === null) return false;
    const pass = Buffer.from(shown, 'base64url');
    const right = this.#passOf(path);
    return pass.length === right.length && timingSafeEqual(pass, right);
  }

  #passOf(path: string): Buffer {
    return createHmac('sha256', this.#key).update(path).digest();
  }
}
