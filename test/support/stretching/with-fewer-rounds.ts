/** What stands for one round: of 600,000 there remain 600. */
const ROUNDS = 1000;

/**
 * Stretching a password takes a third of a second of a core on purpose, for each sender anew, since
 * its address and its password are. Two of our programs agree as well after fewer rounds; what they
 * say to a browser or to another implementation is for a program as it is published.
 */
export function stretchWithFewerRounds(): void {
  const { subtle } = crypto;
  const deriveBits = subtle.deriveBits.bind(subtle);
  Object.defineProperty(subtle, 'deriveBits', {
    value: async (
      algorithm: Pbkdf2Params,
      key: CryptoKey,
      length: number,
    ): Promise<ArrayBuffer> => {
      if (algorithm.name !== 'PBKDF2') return await deriveBits(algorithm, key, length);
      const iterations = Math.ceil(algorithm.iterations / ROUNDS);
      return await deriveBits({ ...algorithm, iterations }, key, length);
    },
  });
}
