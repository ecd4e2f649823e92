import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Of each secret; nobody guesses it. */
const SECRET_BYTES = 32;
const COOKIE = 'ferry';

/** What a request is refused for. */
export type EntranceFault = 'host' | 'origin' | 'site' | 'session';

/**
 * Decides who may use the page: the browser that came first with the token, at our own address.
 *
 * - **Token**: of one use; it is in the address that is opened, and gives the two others.
 * - **Path**: everything is below it. Cookies do not tell ports apart, so any server of this machine
 *   would be sent one with the path `/`; this one is only sent to who knows the path.
 * - **Session**: the cookie. The path alone, from a history or a screen, opens nothing.
 */
export class Entrance {
  /** Of everything that needs the session, with a slash at both ends */
  readonly path: string = `/${secret()}/`;
  readonly #origin: string;
  readonly #session = secret();
  #token: string | undefined = secret();

  /** @param port of 127.0.0.1 */
  constructor(port: number) {
    this.#origin = `http://127.0.0.1:${port}`;
  }

  /** What is opened. It works once. */
  get address(): string {
    return `${this.#origin}/#${this.#token ?? ''}`;
  }

  /** Takes the token, whatever it says: who knows it is let in, and nobody after. */
  enter(token: string): string | undefined {
    if (this.#token === undefined || !isSame(token, this.#token)) return undefined;
    this.#token = undefined;
    return `${COOKIE}=${this.#session}; Path=${this.path}; HttpOnly; SameSite=Strict`;
  }

  /**
   * What every request must fulfil. A name that an attacker's DNS leads here is in `Host`; a page of
   * another site, or of another port, is in `Origin` and `Sec-Fetch-Site`, which scripts cannot set.
   */
  faultOf({ method, headers }: IncomingMessage): EntranceFault | undefined {
    if (`http://${headers.host ?? ''}` !== this.#origin) return 'host';
    const isRead = method === 'GET' || method === 'HEAD';
    const { origin } = headers;
    if (origin === undefined ? !isRead : origin !== this.#origin) return 'origin';
    return undefined;
  }

  /** What every request below `path` must fulfil besides. */
  sessionFaultOf({ headers }: IncomingMessage): EntranceFault | undefined {
    const site = headers['sec-fetch-site'];
    if (site !== undefined && site !== 'same-origin' && site !== 'none') return 'site';
    const cookies = (headers.cookie ?? '').split(';').map((one) => one.trim());
    const shown = cookies.filter((one) => one.startsWith(`${COOKIE}=`));
    const isKnown = shown.some((one) => isSame(one.slice(COOKIE.length + 1), this.#session));
    return isKnown ? undefined : 'session';
  }
}

function secret(): string {
  return randomBytes(SECRET_BYTES).toString('base64url');
}

/** In a time that does not depend on what is the same. */
function isSame(one: string, other: string): boolean {
  const [left, right] = [one, other].map((text) => createHash('sha256').update(text).digest());
  return left !== undefined && right !== undefined && timingSafeEqual(left, right);
}
