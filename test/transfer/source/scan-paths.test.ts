import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { chmod, link, mkdir, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { hasUntoldContent } from '../../../src/disk/untold-size.js';
import type { Manifest } from '../../../src/stream/manifest.js';
import { scanPaths } from '../../../src/transfer/source/scan-paths.js';
import { parseManifest } from '../../support/parse-manifest.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import { withoutRights } from '../../support/without-rights.js';

async function folder(): Promise<{ root: string; folder: string }> {
  const root = await temporaryDirectory();
  await mkdir(join(root, 'f'));
  return { root, folder: join(root, 'f') };
}

describe('entries that cannot be read', () => {
  async function secrets(): Promise<{ root: string; folder: string }> {
    const made = await folder();
    await writeFile(join(made.folder, 'open'), 'x');
    await writeFile(join(made.folder, 'secret'), 'x');
    await chmod(join(made.folder, 'secret'), 0o000);
    await mkdir(join(made.folder, 'vault'));
    await writeFile(join(made.folder, 'vault/gold'), 'x');
    await chmod(join(made.folder, 'vault'), 0o000);
    // Nobody but root could remove it otherwise.
    onTestFinished(() => chmod(join(made.folder, 'vault'), 0o700));
    return made;
  }

  test('refuse the whole, with all their names', async () => {
    const { root, folder } = await secrets();
    const scanning = withoutRights([root, folder], () => scanPaths([folder]));
    await expect(scanning).rejects.toMatchObject({
      code: 'ERR_SOURCE',
      message: `2 entries cannot be sent: ${folder}/secret cannot be read: permission denied, ${folder}/vault cannot be read: permission denied; to send the rest, use --skip-unreadable`,
    });
  });

  test('are left out on request, and named on both sides', async () => {
    const { root, folder } = await secrets();
    const scan = await withoutRights([root, folder], () =>
      scanPaths([folder], { skipUnreadable: true }),
    );
    expect(scan.manifest.entries.map(({ path }) => path.join('/'))).toEqual(['f', 'f/open']);
    expect(scan.manifest.leftOut).toEqual({
      count: 2,
      paths: [
        ['f', 'secret'],
        ['f', 'vault'],
      ],
    });
    expect(scan.warnings).toEqual([
      `2 entries were left out: ${folder}/secret cannot be read: permission denied, ${folder}/vault cannot be read: permission denied`,
    ]);
  });

  test('that are all there is, are refused on request too', async () => {
    const { root, folder } = await secrets();
    const scanning = withoutRights([root, folder], () =>
      scanPaths([join(folder, 'secret')], { skipUnreadable: true }),
    );
    await expect(scanning).rejects.toMatchObject({ code: 'ERR_SOURCE' });
  });

  test('do not hide that something named does not exist', async () => {
    const { folder } = await secrets();
    const scanning = scanPaths([join(folder, 'none')], { skipUnreadable: true });
    await expect(scanning).rejects.toMatchObject({
      message: `${folder}/none does not exist`,
    });
  });
});

test('what is neither a file nor a folder is left out and named on both sides', async () => {
  const { folder: path } = await folder();
  execFileSync('mkfifo', [join(path, 'pipe')]);
  const { manifest, warnings } = await scanPaths([path]);
  expect(manifest.leftOut).toEqual({ count: 1, paths: [['f', 'pipe']] });
  expect(warnings).toEqual([`one entry was left out: ${path}/pipe is neither a file nor a folder`]);
});

test('files that say 0 bytes and hold more are never sent as empty ones', async () => {
  expect(hasUntoldContent('/proc/cpuinfo')).toBe(true);
  await expect(scanPaths(['/proc/cpuinfo', '/proc/version'])).rejects.toMatchObject({
    code: 'ERR_SOURCE',
    message: expect.stringContaining(
      '/proc/version holds more than the 0 bytes that the system says',
    ) as string,
  });
});

test('empty files are not suspected of holding more', async () => {
  const { folder: path } = await folder();
  await writeFile(join(path, 'empty'), '');
  expect(hasUntoldContent(join(path, 'empty'))).toBe(false);
  const { manifest } = await scanPaths([path]);
  expect(manifest.entries[1]).toMatchObject({ path: ['f', 'empty'], size: 0 });
});

test('names that are not UTF-8 are escaped, told, and stay different from all others', async () => {
  const { folder: path } = await folder();
  const raw = Buffer.concat([Buffer.from(`${path}/caf`), Buffer.of(0xe9)]);
  writeFileSync(raw, 'latin');
  await writeFile(join(path, 'caf%E9'), 'plain');
  const { manifest, files, warnings } = await scanPaths([path]);
  expect(manifest.entries.map(({ path: names }) => names.join('/'))).toEqual([
    'f',
    'f/caf%E9',
    'f/caf%E9 (1)',
  ]);
  expect(manifest.escaped).toEqual({ count: 1, paths: [['f', 'caf%E9 (1)']] });
  expect(files.get(2)?.path).toEqual(raw);
  expect(warnings).toEqual([
    'a name that is not UTF-8 is sent with % and two digits for each such byte: f/caf%E9 (1)',
  ]);
});

test('a name that is too long to be written with % is named as far as it goes', async () => {
  const { folder: path } = await folder();
  await writeFile(Buffer.concat([Buffer.from(`${path}/`), Buffer.alloc(255, 0xff)]), 'x');
  await expect(scanPaths([path])).rejects.toMatchObject({ code: 'ERR_SOURCE' });
  const { manifest } = await scanPaths([path], { skipUnreadable: true });
  expect(manifest.leftOut?.paths).toEqual([['f', '%FF'.repeat(85)]]);
  expect(parseManifest(manifest)).toEqual(manifest);
});

test('times before 1970 are kept', async () => {
  const { folder: path } = await folder();
  await writeFile(join(path, 'old'), 'x');
  await utimes(join(path, 'old'), '-86400.25', '-86400.25');
  const { manifest } = await scanPaths([path]);
  expect(manifest.entries[1]).toMatchObject({ mtime: -86_400_250 });
});

test('a file with several names travels once', async () => {
  const { folder: path } = await folder();
  await writeFile(join(path, 'a'), 'content');
  await link(join(path, 'a'), join(path, 'b'));
  await mkdir(join(path, 'd'));
  await link(join(path, 'a'), join(path, 'd/c'));
  await symlink('a', join(path, 'e'));
  const { manifest } = await scanPaths([path]);
  expect(manifest.entries.map(({ type, path: names }) => [type, names.join('/')])).toEqual([
    ['folder', 'f'],
    ['file', 'f/a'],
    ['hardlink', 'f/b'],
    ['folder', 'f/d'],
    ['hardlink', 'f/d/c'],
    ['link', 'f/e'],
  ]);
  expect(manifest.entries[2]).toMatchObject({ file: 1 });
  expect(parseManifest(JSON.parse(JSON.stringify(manifest)) as Manifest)).toEqual(manifest);
});
