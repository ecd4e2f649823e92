import { describe, expect, test } from 'vitest';
import { MANIFEST_ENTRIES_MAX } from '../../src/stream/manifest.js';
import { parseManifest, type Unchecked } from '../support/parse-manifest.js';

const file = { type: 'file', path: ['a'], size: 1, mode: 0o644, mtime: 0 };
function accepts(manifest: Unchecked): boolean {
  try {
    parseManifest(manifest);
    return true;
  } catch {
    return false;
  }
}

describe('manifestSchema', () => {
  test('takes files, folders and links', () => {
    const folder = { type: 'folder', path: ['d'], mode: 0o755, mtime: 1.5 };
    const link = { type: 'link', path: ['d', 'l'], target: '../a' };
    expect(accepts({ kind: 'files', entries: [file, folder, link] })).toBe(true);
    expect(accepts({ kind: 'files', entries: [] })).toBe(true);
    expect(accepts({ kind: 'files', entries: [file, { ...file, size: null }] })).toBe(true);
  });

  test.each([
    ['an unknown kind', { kind: 'archive', entries: [] }],
    ['an unknown type', { kind: 'files', entries: [{ ...file, type: 'device' }] }],
    ['an extra field', { kind: 'files', entries: [{ ...file, uid: 0 }] }],
    ['an empty path', { kind: 'files', entries: [{ ...file, path: [] }] }],
    ['an empty name', { kind: 'files', entries: [{ ...file, path: [''] }] }],
    ['a name too long', { kind: 'files', entries: [{ ...file, path: ['a'.repeat(256)] }] }],
    ['a path too deep', { kind: 'files', entries: [{ ...file, path: Array(129).fill('a') }] }],
    ['too many entries', { kind: 'files', entries: Array(MANIFEST_ENTRIES_MAX + 1).fill(file) }],
    ['millions of broken entries', { kind: 'files', entries: Array(4_000_000).fill(1) }],
    ['a negative size', { kind: 'files', entries: [{ ...file, size: -1 }] }],
    ['setuid', { kind: 'files', entries: [{ ...file, mode: 0o4755 }] }],
    ['a time that is none', { kind: 'files', entries: [{ ...file, mtime: 1e300 }] }],
    [
      'an unknown size that is not last',
      { kind: 'files', entries: [{ ...file, size: null }, file] },
    ],
    [
      'more bytes than numbers hold',
      { kind: 'files', entries: [file, { ...file, size: Number.MAX_SAFE_INTEGER }] },
    ],
  ])('refuses %s', (_, manifest) => {
    expect(accepts(manifest)).toBe(false);
  });
});
