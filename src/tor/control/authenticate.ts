import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { OnionferryError } from '../../base/errors.js';
import type { CommandOptions, ControlConnection } from './connection.js';
import { parseKeywords } from './quoting.js';

/** The keys of control-spec section 3.24 (AUTHCHALLENGE). */
const SERVER_KEY = 'Tor safe cookie authentication server-to-controller hash';
const CLIENT_KEY = 'Tor safe cookie authentication controller-to-server hash';
const COOKIE_BYTES = 32;
const NONCE_BYTES = 32;

export interface AuthenticateOptions extends CommandOptions {
  /** Where our own tor keeps its cookie; otherwise tor is asked, and one without any is believed. */
  readonly cookieFile?: string;
}

/**
 * Authenticates by SAFECOOKIE, where each side proves that it can read the cookie file and
 * neither tells it. A plain COOKIE is never sent: whoever had put himself in tor's place would
 * learn it.
 *
 * @throws OnionferryError ERR_TOR_CONTROL with what to change
 */
export async function authenticate(
  connection: ControlConnection,
  options: AuthenticateOptions = {},
): Promise<void> {
  const { methods, cookieFile } = await askMethods(connection, options);
  if (options.cookieFile !== undefined) {
    await bySafeCookie(connection, options.cookieFile, options);
  } else if (methods.includes('NULL')) {
    await connection.send('AUTHENTICATE', options);
  } else if (methods.includes('SAFECOOKIE') && cookieFile !== undefined) {
    await bySafeCookie(connection, cookieFile, options);
  } else {
    throw new OnionferryError(
      'ERR_TOR_CONTROL',
      'the running tor wants a password: put "CookieAuthentication 1" into its torrc, or let onionferry start a tor of its own',
    );
  }
}

interface Methods {
  readonly methods: readonly string[];
  readonly cookieFile?: string;
}

async function askMethods(
  connection: ControlConnection,
  options: CommandOptions,
): Promise<Methods> {
  const lines = await connection.send('PROTOCOLINFO 1', options);
  const auth = parseKeywords(lines.find((line) => line.startsWith('AUTH ')) ?? '').keywords;
  const cookieFile = auth.get('COOKIEFILE');
  return {
    methods: auth.get('METHODS')?.split(',') ?? [],
    ...(cookieFile === undefined ? {} : { cookieFile }),
  };
}

async function bySafeCookie(
  connection: ControlConnection,
  cookieFile: string,
  options: CommandOptions,
): Promise<void> {
  const cookie = await readCookie(cookieFile);
  const clientNonce = randomBytes(NONCE_BYTES);
  const [line = ''] = await connection.send(
    `AUTHCHALLENGE SAFECOOKIE ${clientNonce.toString('hex')}`,
    options,
  );
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
    throw new OnionferryError(
      'ERR_TOR_CONTROL',
      `what answers on the control port does not know the cookie in ${cookieFile}: it is not the tor that wrote it`,
    );
  }
  const answer = createHmac('sha256', CLIENT_KEY).update(message).digest('hex');
  await connection.send(`AUTHENTICATE ${answer}`, options);
}

async function readCookie(cookieFile: string): Promise<Buffer> {
  let cookie: Buffer;
  try {
    cookie = await readFile(cookieFile);
  } catch (error) {
    throw new OnionferryError(
      'ERR_TOR_CONTROL',
      `cannot read tor's cookie file ${cookieFile}: run as a user of tor's group (debian-tor on Debian), or let onionferry start a tor of its own`,
      { cause: error },
    );
  }
  if (cookie.length !== COOKIE_BYTES) {
    throw new OnionferryError('ERR_TOR_CONTROL', `${cookieFile} is no cookie file of tor's`);
  }
  return cookie;
}
