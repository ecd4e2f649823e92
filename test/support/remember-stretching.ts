import { createHash } from 'node:crypto';

/*
 * Stretching a password takes half a second of a core on purpose, and most tests use the same few.
 * Each is computed once in a worker, by the same WebCrypto, and remembered: what is derived stays
 * what it is. A worker runs this before each file, and does it once.
 */

const { subtle } = crypto;
const MARK = Symbol.for('onionferry: remembers stretching');
const importKey = subtle.importKey.bind(subtle) as (...args: unknown[]) => Promise<CryptoKey>; // its overloads only differ in what is not looked at here
const deriveBits = subtle.deriveBits.bind(subtle);
const passwords = new WeakMap<CryptoKey, Uint8Array>();
const derived = new Map<string, Promise<ArrayBuffer>>();

if (!(MARK in subtle)) remember();

function remember(): void {
  Object.defineProperty(subtle, MARK, { value: true });
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
      const { salt, iterations, hash } = algorithm;
      const id = createHash('sha256')
        .update(JSON.stringify([[...password], [...new Uint8Array(salt as ArrayBuffer)]])) // bytes in any case
        .update(JSON.stringify([iterations, hash, length]))
        .digest('hex');
      const bits = derived.get(id) ?? deriveBits(algorithm, key, length);
      derived.set(id, bits);
      // Whoever gets them may wipe them.
      return (await bits).slice(0);
    },
  });
}
