import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Bytes } from '../../src/base/bytes.js';
import type { Deflate, Inflate } from '../../src/stream/deflate.js';
import type { Message } from '../../src/stream/message.js';
import type { Range } from '../../src/stream/ranges.js';
import manifest from '../vectors/manifest.json' with { type: 'json' };
import messages from '../vectors/messages.json' with { type: 'json' };
import ranges from '../vectors/ranges.json' with { type: 'json' };
import { bytes, hex, pattern } from './bytes.js';
import type { Code } from './check-invitations.js';

interface MessageVector {
  readonly frame: string;
  readonly control?: object;
  readonly part?: string;
  readonly last?: boolean;
  readonly position?: number;
  readonly content?: string;
  readonly length?: number;
  readonly ranges?: readonly (readonly number[])[];
}

const PROTOCOL = expect.objectContaining({ code: 'ERR_PROTOCOL' }) as unknown;

/** Sections 9 and 10 of docs/protocol.md. */
export function checkMessages(code: Code, deflate: Deflate, inflate: Inflate): void {
  const { decodeMessage, encodeMessage, Ranges } = code;

  function meant(vector: MessageVector): Message {
    switch (vector.frame) {
      case 'manifest':
        return { frame: 'manifest', part: bytes(vector.part!), last: vector.last! };
      case 'data':
        return { frame: 'data', position: vector.position!, content: bytes(vector.content!) };
      case 'zeros':
        return { frame: 'zeros', position: vector.position!, length: vector.length! };
      case 'have':
        return { frame: 'have', ranges: new Ranges(pairs(vector.ranges!)) };
      default:
        // A vector's JSON is what is under test.
        return { frame: 'control', control: vector.control } as Message;
    }
  }

  describe('messages', () => {
    test.each(messages.messages)('$name', (vector) => {
      expect(hex(encodeMessage(meant(vector)))).toBe(vector.plaintext);
      const decoded = decodeMessage(bytes(vector.plaintext));
      const expected = meant(vector);
      if (decoded.frame === 'have' && expected.frame === 'have') {
        expect([...decoded.ranges]).toEqual([...expected.ranges]);
      } else expect(decoded).toEqual(expected);
    });

    test.each(messages.refused)('are refused: $name', ({ plaintext }) => {
      expect(() => decodeMessage(bytes(plaintext))).toThrow(PROTOCOL);
    });
  });

  describe('ranges', () => {
    test.each(ranges.cases)('$ranges', ({ ranges: list, encoded }) => {
      expect(hex(code.encodeRanges(new Ranges(pairs(list)), 16_384))).toBe(encoded);
      expect([...code.decodeRanges(bytes(encoded))]).toEqual(list);
    });

    test('may touch', () => {
      expect([...code.decodeRanges(bytes(ranges.touching.encoded))]).toEqual(
        ranges.touching.ranges,
      );
    });

    test.each(ranges.limited)('are the $max longest where no more fit', (vector) => {
      const { max, encoded } = vector;
      expect(hex(code.encodeRanges(new Ranges(pairs(vector.ranges)), max))).toBe(encoded);
    });

    test.each(ranges.refused)('are refused: $name', ({ encoded }) => {
      expect(() => code.decodeRanges(bytes(encoded))).toThrow(PROTOCOL);
    });
  });

  describe('manifests', () => {
    test.each(manifest.cases)('are read: $name', async ({ json, digest, deflated, files }) => {
      const pieces: Bytes[] = [];
      const onJson = (piece: Bytes): void => void pieces.push(piece);
      const read = await code.readManifest([bytes(deflated)], inflate, { onJson });
      expect(Buffer.concat(pieces).toString()).toBe(json);
      expect(read).toEqual(JSON.parse(json));
      expect(createHash('sha256').update(json).digest('base64url')).toBe(digest);
      const { placements } = new code.ContentLayout(read);
      expect(placements.map(({ index, start, end }) => ({ entry: index, start, end }))).toEqual(
        files.map(({ entry, start, end }) => ({ entry, start, end: end ?? Infinity })),
      );
      const again = await code.readManifest([await deflate(pieces)], inflate);
      expect(again).toEqual(read);
    });

    test.each(manifest.refused)('are refused: $name', async ({ json }) => {
      const deflated = await deflate([Uint8Array.from(Buffer.from(json))]);
      await expect(code.readManifest([deflated], inflate)).rejects.toEqual(PROTOCOL);
    });

    test.each(manifest.refusedDeflated)('are refused: $name', async ({ deflated }) => {
      await expect(code.readManifest([bytes(deflated)], inflate)).rejects.toEqual(PROTOCOL);
    });

    test.each(manifest.parts)('of $deflatedBytes bytes travel in parts', (vector) => {
      const deflated = pattern(vector.deflatedBytes);
      const whole = new code.ManifestParts();
      let joined: Bytes[] | undefined;
      const parts = [...code.manifestMessages(deflated)].map((message) => {
        joined = whole.take(message.part, message.last);
        const plaintextSha256 = createHash('sha256').update(encodeMessage(message)).digest('hex');
        return { bytes: message.part.length, last: message.last, plaintextSha256 };
      });
      expect(parts).toEqual(vector.parts);
      expect(hex(Buffer.concat(joined ?? []))).toBe(hex(deflated));
    });
  });

  describe('content over one stream', () => {
    test.each(manifest.pieces)('of $content bytes travels in pieces, besides $have', (vector) => {
      const { content: total, have, pieces } = vector;
      const plan = new code.ChunkPlan({ chunkBytes: 262_144, total, have: pairs(have) });
      plan.join(0, 0);
      const taken: number[][] = [];
      for (let piece = plan.take(0, 0); piece !== undefined; piece = plan.take(0, 0)) {
        taken.push([piece.position, piece.position + piece.length]);
      }
      expect(taken).toEqual(pieces);
    });
  });
}

function pairs(lists: readonly (readonly number[])[]): Range[] {
  return lists.map(([start, end]) => [start!, end!] as const);
}
