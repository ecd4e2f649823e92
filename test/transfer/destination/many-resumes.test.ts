import { open, readFile, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ContentLayout } from '../../../src/stream/content-layout.js';
import { CHUNK, type Kept, kept, parts } from './resumable.js';

/** One process: what it writes, and what befalls the disk when it is gone. */
const life = fc.record({
  /** Chunks, in this order, as far as they are missing. */
  writes: fc.array(fc.nat({ max: 12 }), { maxLength: 8 }),
  /** Bytes of the content that change on the disk. */
  flips: fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), { maxLength: 3 }),
  /** How many bytes the journal loses at its end. */
  lost: fc.oneof(fc.constant(0), fc.nat({ max: 40 })),
});

async function live(
  transfer: Kept,
  staging: string | undefined,
  writes: readonly number[],
): Promise<string> {
  const destination = await transfer.open(staging);
  const { length } = transfer.content;
  const { written } = destination;
  for (const chunk of new Set(writes)) {
    const start = chunk * CHUNK;
    const end = Math.min(start + CHUNK, length);
    if (start < end && !written.has(start, end)) await transfer.write(destination, start, end);
  }
  await destination.suspend();
  return destination.staging;
}

async function damage(
  transfer: Kept,
  staging: string,
  { flips, lost }: { flips: readonly number[]; lost: number },
): Promise<void> {
  const layout = new ContentLayout(transfer.manifest);
  for (const flip of flips) {
    for (const { placement, offset } of layout.spans(Math.floor(flip * layout.end), 1)) {
      const path = join(staging, ...placement.entry.path);
      const file = await open(path, 'r+').catch(() => undefined);
      if (file === undefined) continue;
      const byte = Buffer.alloc(1);
      const { bytesRead } = await file.read(byte, 0, 1, offset);
      if (bytesRead === 1) await file.write(Buffer.of((byte[0] ?? 0) ^ 0x55), 0, 1, offset);
      await file.close();
    }
  }
  const { size } = await stat(transfer.journal);
  await truncate(transfer.journal, Math.max(0, size - lost));
}

describe('a transfer that is broken off again and again', () => {
  test('arrives whole, whatever was written when and whatever befell it meanwhile', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(fc.nat({ max: 900 }), fc.nat({ max: 2 * CHUNK })), {
          minLength: 1,
          maxLength: 6,
        }),
        fc.array(life, { minLength: 1, maxLength: 4 }),
        async (sizes, lives) => {
          const transfer = await kept(sizes);
          const { content, directory, manifest } = transfer;
          let staging: string | undefined;
          for (const each of lives) {
            staging = await live(transfer, staging, each.writes);
            await damage(transfer, staging, each);
          }
          const last = await transfer.open(staging);
          const { files } = await transfer.complete(last);
          await last.discard();
          const expected = parts(new ContentLayout(manifest), content);
          for (const [i, file] of files.entries()) {
            const written = await readFile(join(directory, file.path));
            expect(written.equals(expected[i]!)).toBe(true);
          }
          expect(files).toHaveLength(sizes.length);
        },
      ),
      { numRuns: 60 },
    );
  });
});
