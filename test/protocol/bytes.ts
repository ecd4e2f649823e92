/** The bytes that a vector writes as hex. */
export function bytes(hex: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(Buffer.from(hex, 'hex'));
}

export function hex(of: Uint8Array): string {
  return Buffer.from(of).toString('hex');
}

/** Content of the vectors: byte i is i mod 251. */
export function pattern(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, i) => i % 251);
}

/** The number that hex stands for, big endian. */
export function scalar(text: string): bigint {
  return BigInt(`0x${text}`);
}
