import { createHash, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Bytes } from '../../../src/base/bytes.js';
import { ContentLayout } from '../../../src/stream/content-layout.js';
import { openDestination } from '../../../src/transfer/destination/destination.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import { CHUNK, filesOf, parts } from './resumable.js';

const sha256 = (content: Bytes): string => createHash('sha256').update(content).digest('hex');
/** Around what makes a difference: nothing, small, a chunk's border, several chunks. */
const size = fc.oneof(
  fc.constantFrom(0, 1, 65_535, 65_536, 65_537, CHUNK - 1, CHUNK, CHUNK + 1),
  fc.nat({ max: 2000 }),
  fc.nat({ max: 3 * CHUNK }),
);

describe('a destination for many streams', () => {
  test('makes the right files and hashes, however the content is cut and in whatever order it comes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(size, { minLength: 1, maxLength: 8 }),
        fc.constantFrom(CHUNK, 1000, 100_000),
        fc.infiniteStream(fc.nat({ max: 1_000_000 })),
        fc.integer({ min: 1, max: 16 }),
        async (sizes, cut, random, atOnce) => {
          const directory = await temporaryDirectory();
          const manifest = filesOf(sizes);
          const layout = new ContentLayout(manifest);
          const content = new Uint8Array(randomBytes(layout.end));
          const destination = await openDestination({ directory, manifest, conflict: 'fail' });
          const pieces: { position: number; key: number }[] = [];
          for (let position = 0; position < content.length; position += cut) {
            pieces.push({ position, key: Number(random.next().value) });
          }
          pieces.sort((a, b) => a.key - b.key);
          const streams = Array.from({ length: atOnce }, async () => {
            for (let next = pieces.pop(); next !== undefined; next = pieces.pop()) {
              const { position } = next;
              await destination.write(position, content.subarray(position, position + cut));
            }
          });
          await Promise.all(streams);
          const { files } = await destination.finish(content.length);
          const expected = parts(layout, content).map(sha256);
          expect(files.map((file) => file.sha256)).toEqual(expected);
          expect(files.map((file) => file.bytes)).toEqual(sizes);
          for (const [i, file] of files.entries()) {
            const written = new Uint8Array(await readFile(join(directory, file.path)));
            expect(sha256(written)).toBe(expected[i]);
          }
        },
      ),
      { numRuns: 40 },
    );
  });
});
