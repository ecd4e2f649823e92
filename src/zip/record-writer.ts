/** Fills a record of known length with little-endian numbers. */
export class RecordWriter {
  readonly bytes: Buffer;
  #at = 0;

  constructor(length: number) {
    this.bytes = Buffer.alloc(length);
  }

  u8(value: number): void {
    this.#at = this.bytes.writeUInt8(value, this.#at);
  }

  u16(value: number): void {
    this.#at = this.bytes.writeUInt16LE(value, this.#at);
  }

  u32(value: number): void {
    this.#at = this.bytes.writeUInt32LE(value >>> 0, this.#at);
  }

  /** @param value up to 2^53 */
  u64(value: number): void {
    this.#at = this.bytes.writeBigUInt64LE(BigInt(value), this.#at);
  }

  text(value: string): void {
    this.#at += this.bytes.write(value, this.#at);
  }
}
