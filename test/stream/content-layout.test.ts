import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ContentLayout } from '../../src/stream/content-layout.js';
import type { Entry, Manifest } from '../../src/stream/manifest.js';

function manifestOf(sizes: (number | null)[]): Manifest {
  const entries = sizes.map(
    (size, i): Entry => ({ type: 'file', path: [`f${i}`], size, mode: 0o644, mtime: 0 }),
  );
  const folder: Entry = { type: 'folder', path: ['d'], mode: 0o755, mtime: 0 };
  return { kind: 'files', entries: [folder, ...entries] };
}

describe('ContentLayout', () => {
  test('gives every byte of every file to exactly one span, however the content is cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat({ max: 20 }), { maxLength: 12 }),
        fc.integer({ min: 1, max: 30 }),
        (sizes, step) => {
          const layout = new ContentLayout(manifestOf(sizes));
          const seen = sizes.map((size) => new Array<number>(size).fill(0));
          for (let at = 0; at < layout.end; at += step) {
            let covered = 0;
            for (const { placement, offset, length } of layout.spans(at, step)) {
              expect(length).toBeGreaterThan(0);
              for (let i = 0; i < length; i++) seen[placement.index - 1]![offset + i]! += 1;
              covered += length;
            }
            expect(covered).toBe(Math.min(step, layout.end - at));
          }
          expect(seen.flat().every((times) => times === 1)).toBe(true);
        },
      ),
    );
  });

  test('lets a last file of unknown size take all that comes', () => {
    const layout = new ContentLayout(manifestOf([3, null]));
    expect(layout.end).toBe(Number.POSITIVE_INFINITY);
    const spans = [...layout.spans(1, 1_000_000)].map(({ offset, length }) => [offset, length]);
    expect(spans).toEqual([
      [1, 2],
      [0, 999_998],
    ]);
  });

  test('has no spans where there is no content', () => {
    const layout = new ContentLayout(manifestOf([0, 4, 0]));
    expect([...layout.spans(4, 10)]).toEqual([]);
    expect([...new ContentLayout(manifestOf([])).spans(0, 1)]).toEqual([]);
  });
});
