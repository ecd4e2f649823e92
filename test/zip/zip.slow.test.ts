import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  appendFile,
  mkdir,
  readFile,
  rename,
  rm,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Checksums } from '../../src/zip/checksums.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { tree } from '../support/tree.js';
import { bytesOf, zipped } from './zipped.js';

const run = promisify(execFile);

/** A folder with everything that an archive has to bring over. */
async function variedFolder(): Promise<string> {
  const folder = join(await temporaryDirectory(), 'shared');
  await mkdir(join(folder, 'deep', 'deeper'), { recursive: true });
  await mkdir(join(folder, 'empty'));
  await writeFile(join(folder, 'deep', 'deeper', 'large.bin'), randomBytes(300_000));
  await writeFile(join(folder, 'deep', 'программа.sh'), '#!/bin/sh\n', { mode: 0o755 });
  await writeFile(join(folder, 'deep', '報告 🦀.txt'), 'text', { mode: 0o600 });
  await writeFile(join(folder, 'nothing'), '');
  await writeFile(join(folder, 'small.txt'), 'small');
  const at = new Date('2024-05-06T07:08:10Z');
  for (const name of ['deep/deeper/large.bin', 'nothing', 'empty', 'deep/deeper', 'deep']) {
    await utimes(join(folder, name), at, at);
  }
  return folder;
}

test('unzip restores everything: names, content, permissions, times and empty folders', async () => {
  const folder = await variedFolder();
  const scratch = await temporaryDirectory();
  await writeFile(join(scratch, 'all.zip'), await bytesOf(await zipped(folder)));
  await run('unzip', ['-q', 'all.zip', '-d', 'out'], { cwd: scratch });
  const unpacked = await tree(join(scratch, 'out'));
  // An archive has whole seconds.
  const inSeconds = (lines: string[]): string[] =>
    lines.map((line) => line.replace(/ (\d{10})\d{6}\b/, ' $1'));
  expect(inSeconds(unpacked)).toEqual(inSeconds(await tree(folder)));
});

test("Python's zipfile finds no fault", async () => {
  const folder = await variedFolder();
  const file = join(await temporaryDirectory(), 'all.zip');
  await writeFile(file, await bytesOf(await zipped(folder)));
  const program = `
import json, sys, zipfile
archive = zipfile.ZipFile(sys.argv[1])
assert archive.testzip() is None
print(json.dumps([[i.filename, i.file_size, oct(i.external_attr >> 16)] for i in archive.infolist()]))`;
  const { stdout } = await run('python3', ['-c', program, file]);
  expect(JSON.parse(stdout)).toEqual([
    ['deep/', 0, '0o40755'],
    ['deep/deeper/', 0, '0o40755'],
    ['deep/deeper/large.bin', 300_000, '0o100644'],
    ['deep/программа.sh', 10, '0o100755'],
    ['deep/報告 🦀.txt', 4, '0o100600'],
    ['empty/', 0, '0o40755'],
    ['nothing', 0, '0o100644'],
    ['small.txt', 5, '0o100644'],
  ]);
});

test('any range is that slice of the whole, whichever checksums are known', async () => {
  const folder = await variedFolder();
  const whole = await bytesOf(await zipped(folder));
  const { size, checksums } = await zipped(folder);
  expect(whole.length).toBe(size);
  const position = fc.oneof(
    fc.nat({ max: size }),
    fc.nat({ max: 400 }).map((back) => size - back),
  );
  await fc.assert(
    fc.asyncProperty(position, position, fc.boolean(), async (a, b, isFresh) => {
      const range = { start: Math.min(a, b), end: Math.max(a, b) };
      const representation = await zipped(folder, isFresh ? new Checksums() : checksums);
      const part = await bytesOf(representation, range);
      expect(part.equals(whole.subarray(range.start, range.end))).toBe(true);
    }),
    { numRuns: 150 },
  );
});

test('folders of any names and sizes are restored', async () => {
  // No name that is changed on purpose: see below.
  const name = fc.stringMatching(/^[a-zé界🦀 .-]{1,12}$/u).filter((text) => !/^\.+$/.test(text));
  const content = fc.oneof(fc.uint8Array({ maxLength: 50 }), fc.constant(new Uint8Array(70_000)));
  const folders = fc.sample(
    fc.dictionary(name, content, { maxKeys: 6, noNullPrototype: true }),
    20,
  );
  const scratch = await temporaryDirectory();
  const expected: Record<string, string>[] = [];
  for (const [number, contents] of folders.entries()) {
    const folder = join(scratch, String(number));
    await mkdir(folder);
    for (const [file, bytes] of Object.entries(contents))
      await writeFile(join(folder, file), bytes);
    await writeFile(`${folder}.zip`, await bytesOf(await zipped(folder)));
    const hex = Object.entries(contents).map(([file, bytes]) => [
      file,
      Buffer.from(bytes).toString('hex'),
    ]);
    expected.push(Object.fromEntries(hex) as Record<string, string>);
  }
  const program = `
import json, sys, zipfile
def contents(number):
  archive = zipfile.ZipFile(f'{sys.argv[1]}/{number}.zip')
  return {i.filename: archive.read(i).hex() for i in archive.infolist()}
print(json.dumps([contents(number) for number in range(int(sys.argv[2]))]))`;
  const { stdout } = await run('python3', ['-c', program, scratch, String(folders.length)], {
    maxBuffer: 64 * 1024 * 1024,
  });
  expect(JSON.parse(stdout)).toEqual(expected);
});

test('misleading and escaping names are replaced, and stay distinct', async () => {
  const folder = join(await temporaryDirectory(), 'shared');
  await mkdir(folder);
  for (const name of ['..\\..\\evil', 'a\u202egpj.exe', 'a\u202dgpj.exe', 'line\nfeed']) {
    await writeFile(join(folder, name), name);
  }
  const file = join(await temporaryDirectory(), 'all.zip');
  await writeFile(file, await bytesOf(await zipped(folder)));
  const { stdout } = await run('python3', [
    '-c',
    'import sys,zipfile;print("|".join(zipfile.ZipFile(sys.argv[1]).namelist()))',
    file,
  ]);
  expect(stdout.trim().split('|').sort()).toEqual([
    '.._.._evil',
    'a_gpj (1).exe',
    'a_gpj.exe',
    'line_feed',
  ]);
});

test('the same folder has the same ETag, and any change gives another', async () => {
  const folder = await variedFolder();
  const etags = new Set<string>();
  const etag = async (): Promise<string> => (await zipped(folder)).etag;
  const first = await etag();
  expect(await etag()).toBe(first);
  const changes = [
    () => writeFile(join(folder, 'new'), ''),
    () => appendFile(join(folder, 'small.txt'), 'er'),
    () => utimes(join(folder, 'nothing'), 1, 1),
    () => rm(join(folder, 'empty'), { recursive: true }),
  ];
  etags.add(first);
  for (const change of changes) {
    await change();
    etags.add(await etag());
  }
  expect(etags.size).toBe(changes.length + 1);
});

test.each<[string, (file: string) => Promise<void>]>([
  ['shrinks', (file) => truncate(file, 1000)],
  ['grows', (file) => appendFile(file, 'more')],
  ['vanishes', (file) => rm(file)],
])('the archive is cut off if a file %s in the meantime', async (_name, change) => {
  const folder = await variedFolder();
  const representation = await zipped(folder);
  await change(join(folder, 'deep', 'deeper', 'large.bin'));
  await expect(bytesOf(representation)).rejects.toMatchObject({ code: 'ERR_SOURCE_CHANGED' });
});

test('a log that grows while its archive is read is in it as long as it was, on request', async () => {
  const folder = join(await temporaryDirectory(), 'shared');
  await mkdir(folder);
  // One that is read in pieces, and one that is read at once.
  const before = { 'large.log': randomBytes(1_000_000), 'small.log': Buffer.from('a line\n') };
  const append = async (): Promise<void> => {
    for (const name of Object.keys(before)) await appendFile(join(folder, name), 'another line\n');
  };
  for (const [name, content] of Object.entries(before))
    await writeFile(join(folder, name), content);
  const archive = await zipped(folder, new Checksums(), true);
  const again = await zipped(folder, new Checksums(), true);
  await append();
  const pieces: Uint8Array[] = [];
  const whole = { start: 0, end: archive.size };
  for await (const piece of archive.open(whole, new AbortController().signal)) {
    // A representation gives bytes.
    pieces.push(piece as Uint8Array);
    await append();
  }
  const scratch = await temporaryDirectory();
  await writeFile(join(scratch, 'all.zip'), Buffer.concat(pieces));
  await run('unzip', ['-q', 'all.zip', '-d', 'out'], { cwd: scratch });
  for (const [name, content] of Object.entries(before)) {
    expect((await readFile(join(scratch, 'out', name))).equals(content)).toBe(true);
  }
  // Only the end of it, for which the checksums are read by themselves.
  const end = { start: archive.size - 300, end: archive.size };
  expect(await bytesOf(again, end)).toEqual(Buffer.concat(pieces).subarray(end.start));
});

test.each([
  'deep/deeper/large.bin',
  'small.txt',
])('the archive is cut off if %s, which may grow, shrinks or is replaced', async (name) => {
  const folder = await variedFolder();
  const changed = { code: 'ERR_SOURCE_CHANGED' };
  const file = join(folder, name);
  let archive = await zipped(folder, new Checksums(), true);
  await truncate(file, 3);
  await expect(bytesOf(archive)).rejects.toMatchObject(changed);
  archive = await zipped(folder, new Checksums(), true);
  await writeFile(`${file} 2`, 'something longer');
  await rename(`${file} 2`, file);
  await expect(bytesOf(archive)).rejects.toMatchObject(changed);
});
