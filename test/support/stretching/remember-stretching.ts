import { createHash } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const MARK = Symbol.for('onionferry: remembers stretching');

/**
 * Stretching a password takes a third of a second of a core on purpose, and the tests of a run do
 * the same often. Each is computed once, by the same WebCrypto, and kept in `directory` for all of
 * the run's workers: what is derived stays what it is.
 */
export function rememberStretching(directory: string): void {
  const { subtle } = crypto;
  if (MARK in subtle) return;
  Object.defineProperty(subtle, MARK, { value: true });
  const importKey = subtle.importKey.bind(subtle) as (...args: unknown[]) => Promise<CryptoKey>; // its overloads only differ in what is not looked at here
  const deriveBits = subtle.deriveBits.bind(subtle);
  const passwords = new WeakMap<CryptoKey, Uint8Array>();
  const derived = new Map<string, Promise<Uint8Array>>();

  Object.defineProperty(subtle, 'importKey', {
    value: async (...args: unknown[]): Promise<CryptoKey> => {
      const [format, raw, algorithm] = args;
      // The caller wipes it afterwards.
      const password = raw instanceof Uint8Array ? Uint8Array.from(raw) : undefined;
      const key = await importKey(...args);
      if (format === 'raw' && algorithm === 'PBKDF2' && password) passwords.set(key, password);
      return key;
    },
  });

  Object.defineProperty(subtle, 'deriveBits', {
    value: async (
      algorithm: Pbkdf2Params,
      key: CryptoKey,
      length: number,
    ): Promise<ArrayBuffer> => {
      const password = passwords.get(key);
      if (password === undefined) return await deriveBits(algorithm, key, length);
      const id = idOf(password, algorithm, length);
      const path = join(directory, id);
      const bits =
        derived.get(id) ?? kept(path, async () => await deriveBits(algorithm, key, length));
      derived.set(id, bits);
      // Whoever gets them may wipe them.
      return Uint8Array.from(await bits).buffer;
    },
  });
}

function idOf(
  password: Uint8Array,
  { salt, iterations, hash }: Pbkdf2Params,
  length: number,
): string {
  return createHash('sha256')
    .update(JSON.stringify([[...password], [...new Uint8Array(salt as ArrayBuffer)]])) // bytes in any case
    .update(JSON.stringify([iterations, hash, length]))
    .digest('hex');
}

async function kept(path: string, derive: () => Promise<ArrayBuffer>): Promise<Uint8Array> {
  try {
    return readFileSync(path);
  } catch {
    // Nobody has derived it yet, or is doing so just now.
    const bits = new Uint8Array(await derive());
    const unfinished = `${path}.${process.pid}`;
    writeFileSync(unfinished, bits, { mode: 0o600 });
    renameSync(unfinished, path);
    return bits;
  }
}
