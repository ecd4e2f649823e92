import { readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { StagedFiles } from '../../src/disk/staged-files.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

const BYTES = new TextEncoder().encode('received');

test.each<readonly [string, (files: StagedFiles) => unknown]>([
  ['read, in part', (files) => files.readSmall(0, 0, new Uint8Array(8))],
  ['read', (files) => files.openForReading(0).then((file) => file.close())],
  ['written', (files) => files.write(0, 0, BYTES)],
  ['synced', (files) => files.sync(0)],
])('a link that somebody put in place of a staged file is not followed when it is %s', async (_, use) => {
  const elsewhere = join(await temporaryDirectory(), 'elsewhere');
  writeFileSync(elsewhere, 'precious');
  const staged = join(await temporaryDirectory(), 'file');
  symlinkSync(elsewhere, staged);
  const files = new StagedFiles(() => staged, [0]);
  await expect((async () => await use(files))()).rejects.toThrow();
  await files.closeAll();
  expect(readFileSync(elsewhere, 'utf8')).toBe('precious');
});

test.each<readonly [string, (files: StagedFiles) => unknown]>([
  ['whole', (files) => files.put(0, BYTES)],
  ['in parts', (files) => files.write(0, 0, BYTES)],
])('nobody else may read a new staged file, written %s', async (_, write) => {
  const before = process.umask(0);
  onTestFinished(() => void process.umask(before));
  const staged = join(await temporaryDirectory(), 'file');
  const files = new StagedFiles(() => staged);
  await write(files);
  await files.closeAll();
  expect(statSync(staged).mode & 0o777).toBe(0o600);
});

test.each<readonly [string, (files: StagedFiles) => unknown]>([
  ['whole', (files) => files.put(0, BYTES)],
  ['in parts', (files) => files.write(0, 0, BYTES)],
])('a new staged file, written %s, takes the place of nothing and follows no link', async (_, write) => {
  const folder = await temporaryDirectory();
  const staged = join(folder, 'file');
  symlinkSync(join(folder, 'elsewhere'), staged);
  const files = new StagedFiles(() => staged);
  await expect((async () => await write(files))()).rejects.toMatchObject({
    code: 'ERR_DESTINATION',
  });
  await files.closeAll();
  expect(await readdir(folder)).toEqual(['file']);
});
