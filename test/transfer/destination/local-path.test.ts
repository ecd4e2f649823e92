import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hasCode } from '../../../src/base/errors.js';
import { localName } from '../../../src/disk/names/local-name.js';
import type { Entry, Manifest } from '../../../src/stream/manifest.js';
import {
  isContainedLink,
  localPaths,
  placedAs,
} from '../../../src/transfer/destination/local-path.js';

const file = (...path: string[]): Entry => ({ type: 'file', path, size: 0, mode: 0o644, mtime: 0 });
const folder = (...path: string[]): Entry => ({ type: 'folder', path, mode: 0o755, mtime: 0 });
const link = (target: string, ...path: string[]): Entry => ({ type: 'link', path, target });
const paths = (entries: Entry[], platform: NodeJS.Platform = 'linux'): string[] =>
  localPaths({ kind: 'files', entries }, platform).map(({ path }) => path.join('/'));

describe('placedAs', () => {
  const placed = (entries: Entry[]): string[] =>
    placedAs(localPaths({ kind: 'files', entries }, 'linux'), 'b').map(({ path }) =>
      path.join('/'),
    );

  test('renames the only file or folder', () => {
    expect(placed([file('a')])).toEqual(['b']);
    expect(placed([folder('a'), file('a', 'a'), link('a', 'a', 'l')])).toEqual(['b', 'b/a', 'b/l']);
  });

  test('refuses several', () => {
    expect(() => placed([file('a'), file('c')])).toThrow(/has 2 files and folders, and one name/);
  });
});

describe('localPaths', () => {
  test.each([
    ['a parent step', [file('..')]],
    ['a parent step inside', [folder('a'), folder('a', '..'), file('a', '..', 'b')]],
    ['the folder itself', [file('.')]],
    ['a slash in a name', [file('a/b')]],
    ['an absolute path in a name', [file('/etc/passwd')]],
    ['a NUL', [file('a\0b')]],
    ['a parent that was never offered', [file('a', 'b')]],
    ['a parent that is a file', [file('a'), file('a', 'b')]],
    ['a parent that is a link', [link('/etc', 'a'), file('a', 'passwd')]],
    ['a path twice', [file('a'), file('a')]],
    ['a link and a file of one name', [link('b', 'a'), file('a')]],
  ])('refuses %s', (_, entries) => {
    expect(() => paths(entries)).toThrow(expect.objectContaining({ code: 'ERR_HOSTILE_NAME' }));
  });

  test('refuses backslashes where they separate', () => {
    expect(() => paths([file('..\\evil')], 'win32')).toThrow();
    expect(paths([file('a\\b')])).toEqual(['a\\b']);
  });

  test('replaces what would act on a terminal or mislead a reader, and keeps other scripts', () => {
    expect(paths([file('a\u001b[2Jb')])).toEqual(['a_[2Jb']);
    expect(paths([file('exe.\u202Egpj')])).toEqual(['exe._gpj']);
    expect(paths([file('soft\u00ADhyphen \u3164.txt')])).toEqual(['soft_hyphen _.txt']);
    expect(paths([file('two\nlines\r')])).toEqual(['two_lines_']);
    expect(paths([file('half \uD800 pair')])).toEqual(['half _ pair']);
    expect(paths([file('日本語 नमस्ते שלום 👩‍👩‍👧')])).toEqual(['日本語 नमस्ते שלום 👩‍👩‍👧']);
  });

  test('makes names legal on Windows only there', () => {
    const names = ['a:b', 'CON', 'con.txt', 'end. ', 'what?', 'LPT1.'];
    expect(names.map((name) => localName(name, 'linux'))).toEqual(names);
    expect(names.map((name) => localName(name, 'win32'))).toEqual([
      'a_b',
      '_CON',
      '_con.txt',
      'end_',
      'what_',
      'LPT1_',
    ]);
  });

  test('keeps names apart that become the same', () => {
    expect(paths([file('a\u0001'), file('a\u0002')])).toEqual(['a_', 'a_ (1)']);
    expect(paths([folder('D'), file('D', 'x'), folder('d'), file('d', 'x')], 'darwin')).toEqual([
      'D',
      'D/x',
      'd (1)',
      'd (1)/x',
    ]);
  });

  test('keeps many thousands apart that all become the same', () => {
    const invisible = (i: number): string =>
      i.toString(2).replaceAll('0', '\u200B').replaceAll('1', '\u2060').padEnd(20, 'x');
    const entries = Array.from({ length: 20_000 }, (_, i) => file(invisible(i)));
    expect(new Set(paths(entries)).size).toBe(entries.length);
  });

  test('shortens a name that is too long in bytes and keeps its extension', () => {
    const [name] = paths([file(`${'ü'.repeat(200)}.tar`)]);
    expect(Buffer.byteLength(name!)).toBeLessThanOrEqual(255);
    expect(name).toMatch(/ü\.tar$/);
  });

  test('never yields a path that leaves the folder, whatever the names', () => {
    const name = fc.oneof(
      fc.constantFrom('..', '.', 'a', 'a/b', '\\', '...', '\u202E..', 'C:'),
      fc.string({ minLength: 1, unit: 'binary' }),
    );
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 4 }), (names) => {
        const entries = names.map((_, i) => folder(...names.slice(0, i + 1)));
        const manifest: Manifest = { kind: 'files', entries };
        for (const platform of ['linux', 'win32', 'darwin'] as const) {
          try {
            for (const { path } of localPaths(manifest, platform)) {
              for (const step of path) {
                expect(step).not.toMatch(/^\.{0,2}$|[/\0]/);
                if (platform === 'win32') expect(step).not.toMatch(/[\\:]/);
              }
            }
          } catch (error) {
            expect(hasCode(error, 'ERR_HOSTILE_NAME')).toBe(true);
          }
        }
      }),
    );
  });
});

describe('isContainedLink', () => {
  test.each([
    [['top', 'l'], 'a', true],
    [['top', 'l'], 'a/b/./c', true],
    [['top', 'd', 'l'], '../a', true],
    [['top', 'd', 'l'], '..', true],
    [['top', 'l'], '..', false],
    [['l'], 'other', false],
    [['top', 'd', 'l'], '../..', false],
    [['top', 'd', 'l'], '../../x', false],
    [['top', 'd', 'l'], 'x/../../..', false],
    [['top', 'd', 'l'], 'other/../x', false],
    [['top', 'l'], '/etc/passwd', false],
    [['top', 'l'], 'C:/x', false],
    [['top', 'l'], '..\\x', false],
    [['top', 'l'], 'a\0b', false],
  ])('for %j to %s is %s', (path, target, contained) => {
    expect(isContainedLink(path, target)).toBe(contained);
  });
});
