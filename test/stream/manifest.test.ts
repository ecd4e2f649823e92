import { describe, expect, test } from 'vitest';
import {
  ATTRIBUTES_MAX,
  type Entry,
  fileCount,
  isOpenEnded,
  LISTED_MAX,
  MANIFEST_ENTRIES_MAX,
  MANIFEST_NAMES_MAX,
  type Manifest,
  ManifestBuilder,
  NAME_MAX,
  PATH_DEPTH_MAX,
  totalBytes,
} from '../../src/stream/manifest.js';
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

describe('a manifest that was read', () => {
  const folder: Entry = { type: 'folder', path: ['d'], mode: 0o755, mtime: 1 };
  const first: Entry = { type: 'file', path: ['d', 'a'], size: 3, mode: 0o644, mtime: 2 };
  const again: Entry = { type: 'hardlink', path: ['d', 'b'], file: 1 };
  const link: Entry = { type: 'link', path: ['l'], target: 'd/a' };
  const xattrs = { 'user.a': 'YQ==' };
  const entries = [folder, first, again, link, { ...folder, xattrs }, { ...first, xattrs }];
  const manifest: Manifest = { kind: 'files', entries };

  test('says what was in it, and nothing more', () => {
    expect(parseManifest(manifest)).toStrictEqual(manifest);
  });

  test('has as many files as names of them, and the bytes of each once', () => {
    expect(fileCount(manifest)).toBe(3);
    expect(totalBytes(manifest)).toBe(6);
    const openEnded = { ...manifest, entries: [...entries, { ...first, size: null }] };
    expect([fileCount(openEnded), totalBytes(openEnded)]).toEqual([4, 6]);
    const empty: Manifest = { kind: 'files', entries: [] };
    expect([fileCount(empty), totalBytes(empty)]).toEqual([0, 0]);
  });

  test('is of unknown length if its last entry is a file of unknown size', () => {
    const pipe: Entry = { ...first, size: null };
    const isOpen = (...list: Entry[]): boolean => isOpenEnded({ kind: 'files', entries: list });
    expect([isOpen(pipe), isOpen(first, pipe)]).toEqual([true, true]);
    expect([isOpen(), isOpen(first), isOpen(pipe, first), isOpen(folder)]).toEqual(
      Array(4).fill(false),
    );
  });
});

describe('the most that an entry may have', () => {
  const most = new Array<string>(PATH_DEPTH_MAX).fill('a'.repeat(NAME_MAX));

  test.each<[string, Unchecked['entries']]>([
    ['a path of so many names of such a length', [{ ...file, path: most }]],
    ['a size that numbers hold', [{ ...file, size: Number.MAX_SAFE_INTEGER }]],
    ['all permissions and none', [file, { ...file, mode: 0o777 }, { ...file, mode: 0 }]],
    ['so many attributes', [{ ...file, xattrs: attributes(ATTRIBUTES_MAX) }]],
  ])('is taken: %s', (_, entries) => {
    expect(accepts({ kind: 'files', entries })).toBe(true);
  });

  test.each<[string, Unchecked['entries']]>([
    ['one attribute more', [{ ...file, xattrs: attributes(ATTRIBUTES_MAX + 1) }]],
    ['another name of what is not there', [{ type: 'hardlink', path: ['b'], file: 0 }]],
    ['another name of itself', [file, { type: 'hardlink', path: ['b'], file: 1 }]],
  ])('is no more than that: %s', (_, entries) => {
    expect(accepts({ kind: 'files', entries })).toBe(false);
  });

  test('is also limited over all of them: so many names, and no more', () => {
    const builder = new ManifestBuilder();
    const deep = { type: 'link', target: 'b', path: new Array<string>(PATH_DEPTH_MAX).fill('a') };
    let names = 0;
    for (; names + PATH_DEPTH_MAX <= MANIFEST_NAMES_MAX; names += PATH_DEPTH_MAX) builder.add(deep);
    builder.add({ ...deep, path: deep.path.slice(0, MANIFEST_NAMES_MAX - names) });
    expect(() => builder.add({ ...deep, path: ['a'] })).toThrow('too many names');
  });

  const link = { type: 'link', path: ['l'], target: 'a' };
  const folder = { type: 'folder', path: ['d'], mode: 0o755, mtime: 0 };
  const again = { type: 'hardlink', path: ['b'], file: 0 };
  const attribute = (name: string, value: string): object => ({
    ...file,
    xattrs: { [name]: value },
  });
  const BASE64_MAX = 87_384;
  const TARGET_MAX = 4_096;

  test.each<[string, unknown[], unknown[]]>([
    [
      'the target of a link',
      [{ ...link, target: 'a'.repeat(TARGET_MAX) }],
      [{ ...link, target: 'a'.repeat(TARGET_MAX + 1) }],
    ],
    ['that it has one', [link], [{ ...link, target: '' }]],
    ['members of a folder', [folder], [{ ...folder, size: 1 }]],
    ['and of a link', [link], [{ ...link, mode: 0 }]],
    ['and of another name', [file, again], [file, { ...again, size: 1 }]],
    ['times, to the latest', [{ ...file, mtime: 8.64e15 }], [{ ...file, mtime: 8.65e15 }]],
    ['and from the earliest', [{ ...folder, mtime: -8.64e15 }], [{ ...folder, mtime: -8.65e15 }]],
    ['permissions, in whole numbers', [folder], [{ ...folder, mode: 1.5 }]],
    ['from none', [{ ...folder, mode: 0 }], [{ ...folder, mode: -1 }]],
    ['sizes, in whole numbers', [{ ...file, size: 0 }], [{ ...file, size: 0.5 }]],
    ['and places, too', [file, again], [file, { ...again, file: 0.5 }]],
    ['from the first', [file, again], [file, { ...again, file: -1 }]],
    ['names of what is a file', [file, again], [folder, again]],
    ['attributes, of users', [attribute('user.a', '')], [attribute('system.a', '')]],
    [
      'with names of such a length',
      [attribute(`user.${'a'.repeat(NAME_MAX - 5)}`, '')],
      [attribute(`user.${'a'.repeat(NAME_MAX - 4)}`, '')],
    ],
    [
      'and values of such a length',
      [attribute('user.a', 'A'.repeat(BASE64_MAX))],
      [attribute('user.a', 'A'.repeat(BASE64_MAX + 4))],
    ],
    ['in base64', [attribute('user.a', 'YQ==')], [attribute('user.a', 'a b')]],
    ['of folders as well', [{ ...folder, xattrs: {} }], [{ ...folder, xattrs: { a: '' } }]],
  ])('is so much, and no more: %s', (_, taken, refused) => {
    expect(accepts({ kind: 'files', entries: taken })).toBe(true);
    expect(accepts({ kind: 'files', entries: refused })).toBe(false);
  });

  const path = ['a'];
  test.each<[string, object, object]>([
    ['a text', { kind: 'text' }, { kind: 'texts' }],
    [
      'what was left out',
      { leftOut: { count: 1, paths: [path] } },
      { leftOut: { count: 0, paths: [path] } },
    ],
    [
      'in whole numbers',
      { leftOut: { count: Number.MAX_SAFE_INTEGER, paths: [] } },
      { leftOut: { count: 1.5, paths: [] } },
    ],
    [
      'that can be counted',
      { escaped: { count: 2 ** 53 - 1, paths: [] } },
      { escaped: { count: 2 ** 53, paths: [] } },
    ],
    [
      'and as many names',
      { escaped: { count: 1, paths: Array(LISTED_MAX).fill(path) } },
      { escaped: { count: 1, paths: Array(LISTED_MAX + 1).fill(path) } },
    ],
    [
      'that are some',
      { escaped: { count: 1, paths: [['a', 'b']] } },
      { escaped: { count: 1, paths: [[]] } },
    ],
    ['nothing else of them', {}, { escaped: { count: 1, paths: [], why: '' } }],
    ['nothing else beside', {}, { more: 1 }],
  ])('is so much beside the entries, and no more: %s', (_, taken, refused) => {
    expect(accepts({ kind: 'files', entries: [], ...taken })).toBe(true);
    expect(accepts({ kind: 'files', entries: [], ...refused })).toBe(false);
  });

  test('is to be said entry by entry', () => {
    const builder = new ManifestBuilder();
    expect(() => builder.end({ kind: 'files', entries: [file] })).toThrow();
  });

  function attributes(count: number): Record<string, string> {
    return Object.fromEntries(Array.from({ length: count }, (_, i) => [`user.${i}`, 'YQ==']));
  }
});
