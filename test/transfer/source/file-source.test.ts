import { randomBytes } from 'node:crypto';
import {
  appendFile,
  chmod,
  mkdir,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test } from 'vitest';
import { concat } from '../../../src/base/bytes.js';
import { totalBytes } from '../../../src/stream/manifest.js';
import { decodeContent, encodeContent } from '../../../src/transfer/record/recorded-content.js';
import {
  type FileSource,
  fileSource,
  resumedSource,
} from '../../../src/transfer/source/file-source.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';

const LARGE = 300_000;

async function folder(): Promise<{ path: string; content: Uint8Array }> {
  const path = join(await temporaryDirectory(), 'folder');
  await mkdir(path);
  const parts: Buffer[] = [];
  for (const [i, size] of [LARGE, 10, 0, 65_536, LARGE].entries()) {
    const part = randomBytes(size);
    parts.push(part);
    await writeFile(join(path, `f${i}`), part);
  }
  await clockTick(join(path, 'f4'));
  return { path, content: concat(...parts) };
}

/** Waits until a change is seen in a file's times, which the kernel takes from a coarse clock. */
async function clockTick(since: string): Promise<void> {
  const probe = join(await temporaryDirectory(), 'probe');
  const { ctimeNs } = await stat(since, { bigint: true });
  do {
    await writeFile(probe, '');
    await chmod(probe, 0o600);
  } while ((await stat(probe, { bigint: true })).ctimeNs <= ctimeNs);
}

/** The source as another process would build it from what the first has noted. */
async function resumed(path: string): Promise<FileSource> {
  const first = await fileSource([path]);
  const source = resumedSource({ manifest: first.manifest, identities: first.identities });
  onTestFinished(() => source[Symbol.asyncDispose]());
  return source;
}

async function read(source: FileSource, position: number, length: number): Promise<Buffer> {
  const into = new Uint8Array(length);
  return Buffer.from(into.subarray(0, await source.read(position, into)));
}

describe('a file source', () => {
  test('reads any part in any order, several at once, across files', async () => {
    const { path, content } = await folder();
    const source = await resumed(path);
    const total = totalBytes(source.manifest);
    const positions = [total - 100_000, 0, LARGE - 5, LARGE + 5, 0, total - 1, LARGE - 1, 250_000];
    await Promise.all(
      positions.map(async (position) => {
        const got = await read(source, position, 100_000);
        expect(got.equals(content.subarray(position, position + 100_000))).toBe(true);
      }),
    );
    expect(await read(source, total, 10)).toHaveLength(0);
  });

  test('finds its files unchanged', async () => {
    const { path } = await folder();
    await expect((await resumed(path)).verifyUnchanged()).resolves.toBeUndefined();
  });

  const changes: [string, (file: string) => Promise<void>][] = [
    ['rewritten', (file) => writeFile(file, randomBytes(10))],
    ['touched', (file) => utimes(file, 1, 1)],
    ['removed', (file) => rm(file)],
    [
      'replaced by an equal one',
      async (file): Promise<void> => {
        await rename(file, `${file}.old`);
        await writeFile(file, randomBytes(10));
      },
    ],
    [
      'replaced by a link to itself',
      async (file): Promise<void> => {
        await rename(file, `${file}.old`);
        await symlink(`${file}.old`, file);
      },
    ],
  ];

  test.each(changes)('tells after a resume which file was %s', async (_, change) => {
    for (const name of ['f0', 'f1']) {
      const { path } = await folder();
      const source = await resumed(path);
      await change(join(path, name));
      const expected = { message: expect.stringContaining(join(path, name)) as string };
      await expect(source.verifyUnchanged()).rejects.toMatchObject({
        ...expected,
        code: 'ERR_SOURCE_CHANGED',
      });
      await expect(read(source, 0, LARGE + 10)).rejects.toMatchObject(expected);
    }
  });

  test('tells of a file that has grown how it can be sent nevertheless', async () => {
    const { path } = await folder();
    const source = await resumed(path);
    await appendFile(join(path, 'f1'), 'more');
    const expected = {
      code: 'ERR_SOURCE_CHANGED',
      message: expect.stringMatching(/f1 has grown since it was offered; .*--growing$/) as string,
    };
    await expect(source.verifyUnchanged()).rejects.toMatchObject(expected);
    await expect(read(source, 0, LARGE + 10)).rejects.toMatchObject(expected);
  });

  test('sends files that grow as long as they were, on request, also after a resume', async () => {
    const { path, content } = await folder();
    const first = await fileSource([path], { mayGrow: true });
    const source = resumedSource(await decodeContent(await text(encodeContent(first))));
    onTestFinished(() => source[Symbol.asyncDispose]());
    for (const name of ['f0', 'f1', 'f4']) await appendFile(join(path, name), randomBytes(100));
    await source.verifyUnchanged();
    const got = await read(source, 0, content.length);
    expect(got.equals(content)).toBe(true);
    await truncate(join(path, 'f1'), 9);
    await expect(source.verifyUnchanged()).rejects.toMatchObject({
      code: 'ERR_SOURCE_CHANGED',
      message: expect.stringContaining('f1 changed') as string,
    });
  });

  test('is resumed with files whose names are not UTF-8', async () => {
    const path = await temporaryDirectory();
    await writeFile(Buffer.concat([Buffer.from(`${path}/`), Buffer.of(0xff)]), 'content');
    const first = await fileSource([path]);
    const source = resumedSource(await decodeContent(await text(encodeContent(first))));
    onTestFinished(() => source[Symbol.asyncDispose]());
    await source.verifyUnchanged();
    expect((await read(source, 0, 7)).toString()).toBe('content');
  });

  test('sends nothing of a file that changes between two reads', async () => {
    const { path } = await folder();
    const source = await resumed(path);
    await read(source, 0, 1000);
    await writeFile(join(path, 'f0'), randomBytes(LARGE));
    await expect(read(source, 0, 1000)).rejects.toMatchObject({ code: 'ERR_SOURCE_CHANGED' });
  });
});
