import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Request, RequestHandler } from 'express';
import basicAuth from 'express-basic-auth';
import type { Access } from './access.js';
import type { Verdict } from './guess-queue.js';

/** The reply to a request without the right password. */
export interface Unauthorized {
  /** An object is sent as JSON, a string as HTML. */
  readonly bodyFor: (request: Request) => string | object;
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * Browsers show it where they ask, Firefox up to 150 characters of it. ASCII without quotes and
   * backslashes; default `onionferry`.
   */
  readonly realm?: string;
}

export interface BasicAuthOptions {
  readonly access: Access;
  readonly unauthorized: Unauthorized;
  /** Compares with something else than the service's credentials. @throws what the request ends with */
  readonly judge?: (request: IncomingMessage, user: string, password: string) => Promise<Verdict>;
  /** What a request ends with that is not judged, as too many others guess */
  readonly busy: () => Error;
  /** What opens single downloads without a password */
  readonly signedLinks?: SignedLinks | undefined;
}

type Judge = (
  user: string,
  password: string,
  decide: (error: null, passes: boolean) => void,
) => void;

/**
 * Basic auth (RFC 7617) whose refusals are delayed.
 *
 * The library's authorizer is not told which request it judges, and the delay needs to know. It is
 * called before the middleware returns, so what stands in `judging` then belongs to that request.
 */
export function requireBasicAuth(options: BasicAuthOptions): RequestHandler {
  const { access, unauthorized, busy, signedLinks } = options;
  const judge =
    options.judge ??
    ((request, user, password) => access.judge(request, () => access.matches(user, password)));
  let judging: Judge | undefined;
  const authenticate = basicAuth({
    challenge: true,
    // The library sets a realm only; the charset (RFC 7617, section 2.1) is smuggled in with it.
    realm: `${unauthorized.realm ?? 'onionferry'}", charset="UTF-8`,
    unauthorizedResponse: (request: Request) => {
      request.res?.set(unauthorized.headers ?? {});
      return unauthorized.bodyFor(request);
    },
    authorizeAsync: true,
    authorizer: (user, password, decide) => {
      if (judging === undefined) throw new Error('Basic auth judges a request that is over');
      judging(user, password, decide);
    },
  });

  return (request, response, next) => {
    if (signedLinks?.admits(request) === true) {
      // Kept like others: how it ends shows whether the download has arrived.
      letPass(request, response, access);
      next();
      return;
    }
    judging = (user, password, decide) => {
      // Empty is no guess: browsers try it with a link that has a user name, before they ask.
      const judging = password === '' ? undefined : judge(request, user, password);
      Promise.resolve(judging)
        .then(async (verdict) => {
          if (verdict === 'right') {
            letPass(request, response, access);
            decide(null, true);
            return;
          }
          // A client that is still sending when the connection closes never reads why.
          request.resume();
          if (verdict === 'busy') throw busy();
          if (verdict === undefined) decide(null, false);
          else if (await access.delayRefusal(request)) decide(null, false);
          else request.socket.destroy();
        })
        .catch(next);
    };
    try {
      authenticate(request, response, next);
    } finally {
      judging = undefined;
    }
  };
}

function letPass(request: IncomingMessage, response: ServerResponse, access: Access): void {
  response.shouldKeepAlive = mayStay(request);
  access.passed(request);
  if (/^100-continue$/i.test(request.headers.expect ?? '')) response.writeContinue();
}

/** Only an authenticated connection is kept; no client of ours speaks HTTP/1.0. */
function mayStay({ httpVersion, headers }: IncomingMessage): boolean {
  return httpVersion === '1.1' && !/\bclose\b/i.test(headers.connection ?? '');
}

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
