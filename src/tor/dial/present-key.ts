import { fromBase64, toBase64 } from '../../base/bytes.js';
import { OnionferryError } from '../../base/errors.js';
import type { OnionAddress } from '../../onion/address.js';
import { toBase32 } from '../../onion/base32.js';
import { type ClientKey, clientKeyBytes } from '../../onion/client-key.js';
import type { ControlConnection } from '../control/connection.js';
import { isRefusal, parseKeywords } from '../control/quoting.js';

/** A key that tor shows at one private address, until this is closed. */
export interface PresentedKey {
  close(): Promise<void>;
}

/** The same in one run of a tor. */
export interface KeyInTor extends PresentedKey {
  /** Whether tor had the same key before: then it is left where it is. */
  readonly wasThere: boolean;
}

/** What tor has for an address. */
interface Credentials {
  /** As in `x25519:<base64>`. */
  readonly key: string;
  /** From its ClientOnionAuthDir, where it stays. */
  readonly isPermanent: boolean;
}

/**
 * Has tor decrypt the descriptor of a private onion service (rend-spec-v3, client authorisation). tor
 * keeps the key in memory alone. When it is closed, tor has for this address what it had before.
 *
 * @throws OnionferryError ERR_TOR_CONTROL if this tor takes no keys; ERR_KEY if it keeps another key
 *   for the address
 */
export async function presentKey(
  connection: ControlConnection,
  onion: OnionAddress,
  key: ClientKey,
): Promise<KeyInTor> {
  const name = onion.replace(/\.onion$/, '');
  const before = await credentialsFor(connection, name);
  if (before !== undefined && isSame(before.key, key)) {
    return { wasThere: true, close: () => Promise.resolve() };
  }
  if (before?.isPermanent === true) {
    // To put it back would write into that folder.
    throw new OnionferryError(
      'ERR_KEY',
      'the running tor keeps another key for this address: remove that from its ClientOnionAuthDir, or in the settings of Tor Browser',
    );
  }
  const add = (credential: string): Promise<string[]> =>
    connection.send(`ONION_CLIENT_AUTH_ADD ${name} ${credential}`);
  await add(`x25519:${toBase64(clientKeyBytes(key))}`);
  return {
    wasThere: false,
    async close(): Promise<void> {
      try {
        if (before === undefined) await connection.send(`ONION_CLIENT_AUTH_REMOVE ${name}`);
        else await add(before.key);
      } catch (error) {
        // Of a tor that has ended nothing is left.
        if (!connection.isClosed) throw error;
      }
    },
  };
}

async function credentialsFor(
  connection: ControlConnection,
  name: string,
): Promise<Credentials | undefined> {
  let lines: readonly string[];
  try {
    lines = await connection.send(`ONION_CLIENT_AUTH_VIEW ${name}`);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    throw new OnionferryError(
      'ERR_TOR_CONTROL',
      'this running tor takes no key for a private address from other programs: leave --control out, so that onionferry starts a tor of its own',
      { cause: error },
    );
  }
  for (const line of lines) {
    // CLIENT <address> x25519:<base64> [ClientName=…] [Flags=Permanent]
    const [, key, more = ''] = /^CLIENT \S+ (x25519:\S+)(.*)$/.exec(line) ?? [];
    if (key === undefined) continue;
    const flags = parseKeywords(more).keywords.get('Flags')?.split(',') ?? [];
    return { key, isPermanent: flags.includes('Permanent') };
  }
  return undefined;
}

function isSame(credential: string, key: ClientKey): boolean {
  const bytes = fromBase64(credential.slice('x25519:'.length));
  return bytes !== undefined && toBase32(bytes) === key;
}
