import { execFile } from 'node:child_process';
import { statSync } from 'node:fs';
import { mkdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { identityOf, serveRepresentation } from '../../src/onion-http/content/representation.js';
import { Checksums } from '../../src/zip/checksums.js';
import { ZipLayout } from '../../src/zip/layout.js';
import { centralHeader, endRecords, localHeader } from '../../src/zip/records.js';
import { serving } from '../pages/support/serving.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { bytesOf, zipped } from './zipped.js';

const run = promisify(execFile);

/** Reads an archive over HTTP, by ranges alone, as something that can be sought in. */
const REMOTE = `
import io, json, sys, urllib.request, zipfile
class Remote(io.RawIOBase):
  def __init__(self, url):
    self.url, self.at = url, 0
    with urllib.request.urlopen(urllib.request.Request(url, method='HEAD')) as reply:
      self.size = int(reply.headers['Content-Length'])
  def seekable(self): return True
  def readable(self): return True
  def tell(self): return self.at
  def seek(self, offset, whence=0):
    self.at = offset + [0, self.at, self.size][whence]
    return self.at
  def readinto(self, into):
    if self.at >= self.size: return 0
    last = min(self.size, self.at + len(into)) - 1
    asked = urllib.request.Request(self.url, headers={'Range': f'bytes={self.at}-{last}'})
    with urllib.request.urlopen(asked) as reply: got = reply.read()
    into[:len(got)] = got
    self.at += len(got)
    return len(got)
archive = zipfile.ZipFile(Remote(sys.argv[1]))
`;

test('a file over 4 GB and the files after it are found', async () => {
  const folder = join(await temporaryDirectory(), 'shared');
  await mkdir(folder);
  const sizes = { 'a.bin': 5e9, 'b.bin': 0xffff_ffff, 'c.bin': 0xffff_fffe };
  const checksums = new Checksums();
  for (const [name, size] of Object.entries(sizes)) {
    const file = join(folder, name);
    await writeFile(file, '');
    await truncate(file, size);
    // Reading them all would take a minute; nothing here looks at their checksums.
    checksums.note(identityOf(statSync(file, { bigint: true })), 7);
  }
  await writeFile(join(folder, 'z.txt'), 'behind');
  const representation = await zipped(folder, checksums);
  const port = await serving((request, response) => {
    void serveRepresentation(request, response, representation);
  });
  const program = `${REMOTE}
with archive.open('a.bin') as large: start = large.read(9).hex()
print(json.dumps([{i.filename: i.file_size for i in archive.infolist()}, start, archive.read('z.txt').decode()]))`;
  const { stdout } = await run('python3', ['-c', program, `http://127.0.0.1:${port}/`]);
  expect(JSON.parse(stdout)).toEqual([{ ...sizes, 'z.txt': 6 }, '00'.repeat(9), 'behind']);
});

test('a range that contains a checksum computes it, once', async () => {
  const folder = join(await temporaryDirectory(), 'shared');
  await mkdir(folder);
  await writeFile(join(folder, 'a'), Buffer.alloc(200_000, 'a'));
  await writeFile(join(folder, 'b'), Buffer.alloc(200_000, 'b'));
  const whole = await bytesOf(await zipped(folder));
  const { size, checksums, ...representation } = await zipped(folder);
  const range = { start: size - 10, end: size };
  expect(await bytesOf({ ...representation, size }, range)).toEqual(whole.subarray(size - 10));
  const identity = (name: string): string =>
    identityOf(statSync(join(folder, name), { bigint: true }));
  // The end record alone needs none of them.
  expect(checksums.known(identity('a'))).toBeUndefined();
  const middle = { start: 150_000, end: 250_000 };
  expect(await bytesOf({ ...representation, size }, middle)).toEqual(
    whole.subarray(middle.start, middle.end),
  );
  expect(checksums.known(identity('a'))).toBe(whole.readUInt32LE(whole.indexOf('PK\x07\x08') + 4));
  expect(checksums.known(identity('b'))).toBeUndefined();
});

test('more than 65,535 entries are found', async () => {
  const entries = Array.from({ length: 70_000 }, (_, number) => ({
    name: `file ${number}`,
    size: 0,
    mode: 0o100644,
    modified: 1e9,
  }));
  const layout = new ZipLayout(entries);
  const bytes = Buffer.concat([
    ...entries.map((entry) => localHeader(entry)),
    ...entries.map((entry, index) => centralHeader(entry, layout.startOf(index), 0)),
    endRecords(layout.directory),
  ]);
  expect(bytes.length).toBe(layout.size);
  const file = join(await temporaryDirectory(), 'many.zip');
  await writeFile(file, bytes);
  const { stdout } = await run('unzip', ['-Z', '-t', file]);
  expect(stdout).toContain('70000 files, 0 bytes');
});

test('times that the format cannot hold are clamped', async () => {
  for (const modified of [-1e12, -1, 0, 2 ** 31, 1e11]) {
    const entry = { name: 'a', size: 0, mode: 0o100644, modified };
    const bytes = Buffer.concat([
      localHeader(entry),
      centralHeader(entry, 0, 0),
      endRecords(new ZipLayout([entry]).directory),
    ]);
    const file = join(await temporaryDirectory(), 'a.zip');
    await writeFile(file, bytes);
    await run('unzip', ['-tq', file]);
  }
});
