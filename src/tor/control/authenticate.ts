import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { ControlConnection } from './connection.js';
import { challengeResponse } from './granax.js';
import { controlError, isRefusal, parseKeywords, quote } from './quoting.js';

/** control-spec section 3.24 (AUTHCHALLENGE). */
const SERVER_KEY = 'Tor safe cookie authentication server-to-controller hash';
const COOKIE_BYTES = 32;
const NONCE_BYTES = 32;

export interface AuthenticateOptions {
  /**
   * Where a tor of our own keeps its cookie; default is what tor says, and none if it wants none.
   */
  readonly cookieFile?: string;
  /** If tor asks for one and has no cookie that we can read. */
  readonly password?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Authenticates by SAFECOOKIE, in which each side proves that it can read the cookie file and
 * neither reveals it. Never by COOKIE, which would reveal it to an impostor in tor's place.
 *
 * @throws OnionferryError ERR_TOR_CONTROL with what to change
 */
export async function authenticate(
  connection: ControlConnection,
  { cookieFile: ours, password, signal }: AuthenticateOptions = {},
): Promise<void> {
  const lines = await connection.send('PROTOCOLINFO 1', { signal });
  const auth = parseKeywords(lines.find((line) => line.startsWith('AUTH ')) ?? '').keywords;
  const methods = auth.get('METHODS')?.split(',') ?? [];
  const theirs = methods.includes('SAFECOOKIE') ? auth.get('COOKIEFILE') : undefined;
  if (ours !== undefined) {
    await bySafeCookie(connection, ours, signal);
  } else if (methods.includes('NULL')) {
    await connection.authenticate('', { signal });
  } else if (password !== undefined && methods.includes('HASHEDPASSWORD')) {
    await connection.send(`AUTHENTICATE ${quote(password)}`, { signal }).catch((error: unknown) => {
      if (isRefusal(error))
        throw controlError("the password of tor's control port is wrong", error);
      throw error;
    });
  } else if (theirs !== undefined) {
    await bySafeCookie(connection, theirs, signal);
  } else {
    throw controlError(
      'the running tor asks for a password: give it in ONIONFERRY_CONTROL_PASSWORD, put "CookieAuthentication 1" into its torrc, or let onionferry start a tor of its own',
    );
  }
}

async function bySafeCookie(
  connection: ControlConnection,
  cookieFile: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const cookie = await readCookie(cookieFile);
  const clientNonce = randomBytes(NONCE_BYTES);
  const challenge = `AUTHCHALLENGE SAFECOOKIE ${clientNonce.toString('hex')}`;
  const [line = ''] = await connection.send(challenge, { signal });
  const { keywords } = parseKeywords(line);
  const serverHash = Buffer.from(keywords.get('SERVERHASH') ?? '', 'hex');
  const serverNonce = Buffer.from(keywords.get('SERVERNONCE') ?? '', 'hex');
  const message = Buffer.concat([cookie, clientNonce, serverNonce]);
  const expected = createHmac('sha256', SERVER_KEY).update(message).digest();
  if (
    serverNonce.length !== NONCE_BYTES ||
    serverHash.length !== expected.length ||
    !timingSafeEqual(serverHash, expected)
  ) {
    throw controlError(
      `what answers on the control port does not know the cookie in ${cookieFile}: it is not the tor that wrote it`,
    );
  }
  const response = challengeResponse(cookie, clientNonce, serverNonce);
  await connection.authenticate(response, { signal });
}

async function readCookie(cookieFile: string): Promise<Buffer> {
  let cookie: Buffer;
  try {
    cookie = await readFile(cookieFile);
  } catch (error) {
    throw controlError(
      `cannot read tor's cookie file ${cookieFile}: run as a user of tor's group (debian-tor on Debian), or let onionferry start a tor of its own`,
      error,
    );
  }
  if (cookie.length !== COOKIE_BYTES) {
    throw controlError(`${cookieFile} is not a cookie file of tor's`);
  }
  return cookie;
}
