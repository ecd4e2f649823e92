import { createHmac, randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { authenticate } from '../../../src/tor/control/authenticate.js';
import { ControlConnection } from '../../../src/tor/control/connection.js';
import { type ControlServer, startControlServer } from './control-server.js';

const COOKIE = randomBytes(32);

interface Behaviour {
  readonly methods: string;
  /** What the server believes the cookie to be. */
  readonly cookie?: Buffer;
  readonly spoilHash?: (hash: string) => string;
}

/** A control port that authenticates as control-spec section 3.24 says, but for `spoilHash`. */
async function startAuthenticating(behaviour: Behaviour): Promise<ControlServer> {
  const { cookie = COOKIE, spoilHash = (hash: string): string => hash } = behaviour;
  const nonce = randomBytes(32);
  let expected = 'none';
  const hmac = (key: string, message: Buffer): string =>
    createHmac('sha256', key).update(message).digest('hex');
  let file = '';
  const server = await startControlServer((command) => {
    const [name, ...words] = command.split(' ');
    switch (name?.toLowerCase()) {
      case 'protocolinfo':
        return `250-PROTOCOLINFO 1\n250-AUTH METHODS=${behaviour.methods} COOKIEFILE="${file.replaceAll('"', '\\"')}"\n250-VERSION Tor="0.4.9.11"\n250 OK\n`;
      case 'authchallenge': {
        const message = Buffer.concat([cookie, Buffer.from(words[1] ?? '', 'hex'), nonce]);
        expected = hmac('Tor safe cookie authentication controller-to-server hash', message);
        const hash = hmac('Tor safe cookie authentication server-to-controller hash', message);
        return `250 AUTHCHALLENGE SERVERHASH=${spoilHash(hash).toUpperCase()} SERVERNONCE=${nonce.toString('hex').toUpperCase()}\n`;
      }
      case 'authenticate':
        if (behaviour.methods === 'NULL') return '250 OK\n';
        return words[0] === expected ? '250 OK\n' : '515 Authentication failed\n';
      default:
        return '510 Unrecognized command\n';
    }
  });
  // A path that granax's own authentication fails on.
  await mkdir(join(server.directory, 'a "b" c'));
  file = join(server.directory, 'a "b" c', 'cookie file');
  await writeFile(file, COOKIE);
  return server;
}

async function tryWith(behaviour: Behaviour): Promise<string[]> {
  await using server = await startAuthenticating(behaviour);
  const connection = await ControlConnection.connect(server.endpoint);
  try {
    await authenticate(connection);
    return server.commands;
  } catch (error) {
    expect(server.commands.filter((command) => command.startsWith('AUTHENTICATE'))).toEqual([]);
    throw error;
  } finally {
    connection.close();
  }
}

describe('authentication', () => {
  test('proves by SAFECOOKIE that both sides know the cookie, and sends it to nobody', async () => {
    const commands = await tryWith({ methods: 'COOKIE,SAFECOOKIE' });
    expect(commands.join(' ')).not.toContain(COOKIE.toString('hex'));
    expect(commands).toHaveLength(3);
  });

  test.each([
    ['guessed', () => randomBytes(32).toString('hex')],
    ['off by one bit', (hash: string) => `${hash.slice(0, -1)}${hash.endsWith('0') ? '1' : '0'}`],
    ['cut short', (hash: string) => hash.slice(0, 32)],
    ['empty', () => ''],
  ])('answers no server whose hash is %s', async (_how, spoilHash) => {
    await expect(tryWith({ methods: 'SAFECOOKIE', spoilHash })).rejects.toThrow(
      /does not know the cookie/,
    );
  });

  test('answers no server with another cookie', async () => {
    await expect(tryWith({ methods: 'SAFECOOKIE', cookie: randomBytes(32) })).rejects.toThrow(
      /does not know the cookie/,
    );
  });

  test('needs nothing if tor asks for nothing', async () => {
    expect((await tryWith({ methods: 'NULL' })).at(-1)).toBe('AUTHENTICATE ');
  });

  test('says what to do if tor asks for a password', async () => {
    await expect(tryWith({ methods: 'HASHEDPASSWORD' })).rejects.toThrow(/CookieAuthentication 1/);
  });

  test('gives a password that was given to us, quoted, and never repeats it', async () => {
    const password = 'two "words"';
    const expected = 'authenticate "two \\"words\\""';
    await using server = await startControlServer((command) => {
      if (command.startsWith('protocolinfo')) return '250-AUTH METHODS=HASHEDPASSWORD\n250 OK\n';
      return command === expected ? '250 OK\n' : '515 Authentication failed: two words\n';
    });
    for (const given of [password, 'another']) {
      const connection = await ControlConnection.connect(server.endpoint);
      const outcome = await authenticate(connection, { password: given }).catch(String);
      expect(outcome).toBe(
        given === password
          ? undefined
          : "OnionferryError: the password of tor's control port is wrong",
      );
      connection.close();
    }
  });

  test('sends a plain cookie to nobody', async () => {
    await expect(tryWith({ methods: 'COOKIE' })).rejects.toMatchObject({ code: 'ERR_TOR_CONTROL' });
  });

  test('insists on our own cookie if tor is ours, whatever methods it lists', async () => {
    await using server = await startAuthenticating({ methods: 'NULL', cookie: randomBytes(32) });
    const cookieFile = join(server.directory, 'a "b" c', 'cookie file');
    const connection = await ControlConnection.connect(server.endpoint);
    await expect(authenticate(connection, { cookieFile })).rejects.toThrow(
      /does not know the cookie/,
    );
    connection.close();
  });

  test.each([31, 33, 0])('takes no cookie of %i bytes, which could be anything', async (bytes) => {
    const cookie = randomBytes(bytes);
    await using server = await startAuthenticating({ methods: 'SAFECOOKIE', cookie });
    const cookieFile = join(server.directory, 'other');
    await writeFile(cookieFile, cookie);
    const connection = await ControlConnection.connect(server.endpoint);
    await expect(authenticate(connection, { cookieFile })).rejects.toThrow();
    expect(server.commands.filter((command) => !/^protocolinfo/i.test(command))).toEqual([]);
    connection.close();
  });

  test('says which cookie file it cannot read', async () => {
    await using server = await startControlServer(
      () => '250-PROTOCOLINFO 1\n250-AUTH METHODS=SAFECOOKIE COOKIEFILE="/no/such file"\n250 OK\n',
    );
    const connection = await ControlConnection.connect(server.endpoint);
    await expect(authenticate(connection)).rejects.toThrow(/cookie file \/no\/such file: .*group/);
    connection.close();
  });
});
