import fc from 'fast-check';

/** What often has a meaning where it should have none. */
const MARKS = [
  '\0', '\n', '\r\n', '\r\n\r\n', ' ', '"', "'", '\\', '/', '../', '..', ':', ';', ',', '=', '#',
  '%', '%00', '%2f', '{', '}', '[', ']', '-', '--', '0', '-1', '1e309', '9007199254740993', 'null',
  '__proto__', 'constructor', '\u202e', '\ufeff', '\ud800', 'é', '漢', '𠀀',
]; // biome-ignore format: as one list

type Damage<Part> = (whole: Part, chance: { at: number; length: number; part: Part }) => Part;

/** Well-formed text, such as `samples` are, with a few things wrong; sometimes text of any kind. */
export function damagedText(...samples: readonly string[]): fc.Arbitrary<string> {
  const part = fc.oneof(
    fc.constantFrom(...MARKS),
    fc.string({ unit: 'binary', maxLength: 8 }),
    fc.constantFrom(...samples),
  );
  const whole = damaged(
    fc.constantFrom(...samples),
    part,
    (text, { at, length, part: inserted }) => {
      const start = Math.floor(at * (text.length + 1));
      return text.slice(0, start) + inserted + text.slice(start + length);
    },
  );
  return fc.oneof(
    { weight: 4, arbitrary: whole },
    { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
  );
}

/** The same of bytes. */
export function damagedBytes(
  ...samples: readonly Uint8Array[]
): fc.Arbitrary<Uint8Array<ArrayBuffer>> {
  const part = fc.oneof(
    fc.uint8Array({ maxLength: 8 }),
    fc.constantFrom(...samples),
    fc.constantFrom(...[0, 0x7f, 0x80, 0xff].map((byte) => new Uint8Array(8).fill(byte))),
  );
  const whole = damaged(
    fc.constantFrom(...samples),
    part,
    (bytes, { at, length, part: inserted }) => {
      const start = Math.floor(at * (bytes.length + 1));
      return Buffer.concat([bytes.subarray(0, start), inserted, bytes.subarray(start + length)]);
    },
  );
  return fc
    .oneof({ weight: 4, arbitrary: whole }, { weight: 1, arbitrary: fc.uint8Array() })
    .map((bytes) => Uint8Array.from(bytes));
}

function damaged<Part>(
  samples: fc.Arbitrary<Part>,
  part: fc.Arbitrary<Part>,
  damage: Damage<Part>,
): fc.Arbitrary<Part> {
  const chance = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    length: fc.oneof(fc.constant(0), fc.nat(4), fc.nat(200)),
    part,
  });
  return fc
    .tuple(samples, fc.array(chance, { maxLength: 4 }))
    .map(([sample, chances]) => chances.reduce((whole, each) => damage(whole, each), sample));
}

/** The same bytes as they might come over a network: in one piece, and one by one in the worst case. */
export function pieces(bytes: Uint8Array<ArrayBuffer>, length: number): Uint8Array<ArrayBuffer>[] {
  const cut: Uint8Array<ArrayBuffer>[] = [];
  for (let at = 0; at < bytes.length; at += length) cut.push(bytes.slice(at, at + length));
  return cut;
}
