import { describe, expect, test } from 'vitest';
import { type Bytes, concat, utf8 } from '../../src/base/bytes.js';
import {
  MANIFEST_ENTRIES_MAX,
  MANIFEST_ENTRY_MAX_BYTES,
  type Manifest,
} from '../../src/stream/manifest.js';
import { manifestJson, parseManifestJson } from '../../src/stream/manifest-json.js';

const FILE = '{"type":"file","path":["a"],"size":1,"mode":420,"mtime":0}';
const NESTED = '['.repeat(1_000_000);

function* pieces(json: string | Bytes, length = 4096): Generator<Bytes> {
  const bytes = typeof json === 'string' ? utf8(json) : json;
  for (let at = 0; at < bytes.length; at += length) yield bytes.slice(at, at + length);
}

async function read(json: string, length?: number): Promise<Manifest> {
  return await parseManifestJson(pieces(json, length));
}

describe('the JSON of a manifest', () => {
  const manifest: Manifest = {
    kind: 'files',
    entries: [
      { type: 'folder', path: ['ü"\\[{,:'], mode: 0o755, mtime: 1.5 },
      { type: 'file', path: ['ü"\\[{,:', '\\'], size: 3, mode: 0o644, mtime: 0 },
      { type: 'hardlink', path: ['"entries":['], file: 1 },
      { type: 'link', path: ['l'], target: '}]' },
      { type: 'file', path: ['x'], size: null, mode: 0, mtime: -1, xattrs: { 'user.a': 'YQ==' } },
    ],
    leftOut: { count: 2, paths: [['"entries":[']] },
    escaped: { count: 1, paths: [] },
  };

  test('is that of JSON.stringify', async () => {
    for (const each of [manifest, { kind: 'text', entries: [] } as const]) {
      const written: Bytes[] = [];
      for await (const piece of manifestJson(each)) written.push(piece);
      expect(new TextDecoder().decode(concat(...written))).toBe(JSON.stringify(each));
    }
  });

  test('is read wherever it is cut', async () => {
    const json = JSON.stringify(manifest);
    for (let length = 1; length <= 40; length++) expect(await read(json, length)).toEqual(manifest);
  });

  test('is read with white space, escapes and members in another order', async () => {
    const entries = JSON.stringify(manifest.entries, null, 2);
    const json = ` {\n"leftOut":${JSON.stringify(manifest.leftOut)}, "entri\\u0065s" :${entries},
      "escaped":{"paths":[],"count":1},"kind":"files"}\n`;
    expect(await read(json)).toEqual(manifest);
    expect(await read('{"kind":"files","entries":[ \n ]}')).toEqual({ kind: 'files', entries: [] });
  });

  test('is read and written in turns with everything else', async () => {
    const entries = Array.from({ length: 100_000 }, (_, number) => ({
      ...{ type: 'file' as const, path: ['some', 'folder', `${number}`] },
      ...{ size: 1, mode: 0o644, mtime: number },
    }));
    let turns = 0;
    const counting = setInterval(() => turns++);
    try {
      const written: Bytes[] = [];
      for await (const piece of manifestJson({ kind: 'files', entries })) written.push(piece);
      expect(turns).toBeGreaterThan(0);
      turns = 0;
      const again = await parseManifestJson(pieces(concat(...written), 1024 * 1024));
      expect(again.entries).toEqual(entries);
      expect(turns).toBeGreaterThan(1);
    } finally {
      clearInterval(counting);
    }
  });

  test.each([
    ['nothing', ''],
    ['no object', '[]'],
    ['a comma at the end', `{"kind":"files","entries":[${FILE},]}`],
    ['a comma in front', `{"kind":"files","entries":[,${FILE}]}`],
    ['a comma at the end of many', `{"kind":"files","entries":[${`${FILE},`.repeat(5000)}]}`],
    ['brackets that do not fit', `{"kind":"files","entries":[${FILE}}}`],
    ['no end', `{"kind":"files","entries":[${FILE}]`],
    ['more than its end', `{"kind":"files","entries":[${FILE}]}]`],
    ['entries twice', `{"kind":"files","entries":[${FILE}],"entries":[${FILE}]}`],
    ['entries that are none', '{"kind":"files","entries":5}'],
    ['entries replaced by others', `{"kind":"files","entries":[${FILE}],"entries":{"0":1}}`],
    ['no entries', '{"kind":"files"}'],
    ['what is not UTF-8', Uint8Array.of(...utf8('{"kind":"files","entries":["'), 0xff)],
    ['entries within each other', `{"kind":"files","entries":${NESTED}`],
    ['an entry of depth', `{"kind":"files","entries":[{"type":${NESTED}`],
    ['depth beside the entries', `{"kind":"files","leftOut":${NESTED}`],
    ['depth in front', NESTED],
    ['numbers for entries', `{"kind":"files","entries":[${'1,'.repeat(1_000_000)}`],
    ['numbers in an entry', `{"kind":"files","entries":[[${'1,'.repeat(1_000_000)}`],
    ['numbers beside the entries', `{"kind":"files","leftOut":[${'1,'.repeat(1_000_000)}`],
    ['members without end', `{"kind":"files",${'"a":1,'.repeat(100_000)}`],
  ])('is refused: %s', async (_, json) => {
    await expect(parseManifestJson(pieces(json as Bytes))).rejects.toThrow(Error);
  });

  test.each([
    ['too deep', `{"kind":"files","entries":[{"path":[[${NESTED}`],
    ['too much in one entry', `{"kind":"files","entries":[[${'1,'.repeat(100_000)}`],
    ['too much beside the entries', `{"kind":"files","leftOut":[${'1,'.repeat(100_000)}`],
    ['a long entry', `{"kind":"files","entries":["${' '.repeat(MANIFEST_ENTRY_MAX_BYTES * 1.1)}`],
    ['too much beside the entries', `{"k":"${' '.repeat(MANIFEST_ENTRY_MAX_BYTES * 1.1)}`],
  ])('is given up before its end: %s', async (why, json) => {
    let end = false;
    function* endless(): Generator<Bytes> {
      yield* pieces(json, 65_536);
      end = true;
      throw new Error('read to its end');
    }
    await expect(parseManifestJson(endless())).rejects.toThrow(why);
    expect(end).toBe(false);
  });

  test('is refused when it has more entries than a transfer may have', async () => {
    const entry = '{"type":"link","path":["a"],"target":"b"}';
    function* many(): Generator<Bytes> {
      yield utf8(`{"kind":"files","entries":[${entry}`);
      const more = utf8(`,${entry}`.repeat(10_000));
      for (let count = 1; count <= MANIFEST_ENTRIES_MAX; count += 10_000) yield more;
      yield utf8(']}');
    }
    await expect(parseManifestJson(many())).rejects.toThrow('too many entries');
  });
});
