import { randomBytes } from 'node:crypto';
import { expect, inject } from 'vitest';
import { toBase64 } from '../../src/base/bytes.js';
import { clientKeyBytes, parseClientKey } from '../../src/onion/client-key.js';
import { authenticate } from '../../src/tor/control/authenticate.js';
import { ControlConnection } from '../../src/tor/control/connection.js';
import { download } from '../support/browser/download.js';
import { test } from '../support/browser/test.js';
import { Visitor } from '../support/browser/visitor.js';
import { hashOf, sha256 } from '../support/carry.js';

const PHOTO = randomBytes(300_000);

/** As Tor Browser tells its tor a key that somebody has typed; only for its session. */
async function giveKey(onion: string, key: string): Promise<void> {
  const path = inject('browserControl');
  const connection = await ControlConnection.connect({ kind: 'unix', path });
  try {
    await authenticate(connection);
    // control-spec: the address without its ending.
    const name = onion.replace('.onion', '');
    const bytes = toBase64(clientKeyBytes(parseClientKey(key)));
    await connection.send(`ONION_CLIENT_AUTH_ADD ${name} x25519:${bytes}`);
  } finally {
    connection.close();
  }
}

test('a page at a private address opens once the browser’s tor has its key, and not before', async ({
  browse,
  stage,
}) => {
  const file = await stage.file('from/photo', PHOTO);
  const share = await stage.start(['share', '--json', '--private', '--ephemeral', file]);
  const { onion, url, user, password, clientKey = '' } = await share.told('online');
  await using visitor = await Visitor.arrive({
    browser: await browse('safest'),
    directory: stage.path,
    credentials: { user, password },
  });
  // What Firefox makes of tor's refusal; Tor Browser asks for the key then.
  await expect(visitor.open(url)).rejects.toThrow(/NS_ERROR|neterror|net::ERR|proxy/i);
  expect(visitor.responses).toEqual([]);
  await giveKey(onion, clientKey);
  expect((await visitor.open(url)).status()).toBe(200);
  const path = await download(visitor, () => visitor.press('photo'));
  expect(await hashOf(path)).toBe(sha256(PHOTO));
});
