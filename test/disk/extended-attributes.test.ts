import { mkdir, open, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { listAttrsSync, setAttrSync } from 'fs-native-extensions';
import { expect, test } from 'vitest';
import { readAttributes, writeAttributes } from '../../src/disk/extended-attributes.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

test('are read from files and folders, and set on others', async () => {
  const directory = await temporaryDirectory();
  const [from, to] = [join(directory, 'from'), join(directory, 'to')];
  await writeFile(from, 'x');
  await mkdir(to);
  const file = await open(from);
  setAttrSync(file.fd, 'user.text', Buffer.from('héllo'));
  setAttrSync(file.fd, 'user.bytes', Buffer.of(0, 255, 1));
  await file.close();
  const attributes = { 'user.bytes': 'AP8B', 'user.text': 'aMOpbGxv' };
  expect(readAttributes(from)).toEqual(attributes);
  writeAttributes(to, attributes);
  expect(readAttributes(to)).toEqual(attributes);
});

test('are undefined where there are none, and where a file system knows none', async () => {
  expect(readAttributes(await temporaryDirectory())).toBeUndefined();
  expect(readAttributes('/proc/version')).toBeUndefined();
});

test('of the system are never set', async () => {
  const path = join(await temporaryDirectory(), 'f');
  await writeFile(path, 'x');
  writeAttributes(path, { 'trusted.a': 'AAAA', 'security.b': 'AAAA', 'user.c': 'AAAA' });
  const file = await open(path);
  expect(listAttrsSync(file.fd)).toEqual(['user.c']);
  await file.close();
});

test('are not set through a link', async () => {
  const directory = await temporaryDirectory();
  const [file, link] = [join(directory, 'file'), join(directory, 'link')];
  await writeFile(file, 'x');
  await symlink(file, link);
  expect(() => writeAttributes(link, { 'user.a': 'AAAA' })).toThrow();
  expect(readAttributes(file)).toBeUndefined();
});
