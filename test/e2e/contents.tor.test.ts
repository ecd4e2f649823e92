import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, utimes } from 'node:fs/promises';
import { describe, expect } from 'vitest';
import { fetchFrom, sha256 } from '../support/carry.js';
import { type Stage, test } from '../support/stage.js';
import { tree } from '../support/tree.js';

describe.concurrent('what is carried', () => {
  test('a folder arrives as it was: contents, empty files and folders, modes, times, names', async ({
    stage,
  }) => {
    await makeFolder(stage);
    const sender = await stage.start(['send', '--json', stage.at('from/album')]);
    const recipient = await fetchFrom(sender, stage);
    expect(await tree(stage.at('to'))).toEqual(await tree(stage.at('from')));
    const { files, bytes } = await recipient.told('done');
    expect([files, bytes]).toEqual([9, 500_012]);
    expect(await recipient.told('offer')).toMatchObject({ names: ['album'], files, bytes });
  });

  test('several files at once arrive together', async ({ stage }) => {
    const one = await stage.file('from/one', 'the first');
    const two = await stage.file('elsewhere/two', 'the second');
    const sender = await stage.start(['send', '--json', one, two]);
    await fetchFrom(sender, stage);
    expect(await readFile(stage.at('to/one'), 'utf8')).toBe('the first');
    expect(await readFile(stage.at('to/two'), 'utf8')).toBe('the second');
  });

  test('a file of no bytes arrives', async ({ stage }) => {
    const sender = await stage.start(['send', '--json', await stage.file('from/empty', '')]);
    const recipient = await fetchFrom(sender, stage);
    expect(await readFile(stage.at('to/empty'))).toEqual(Buffer.alloc(0));
    expect(await recipient.told('file')).toEqual({
      event: 'file',
      path: 'empty',
      bytes: 0,
      sha256: sha256(Buffer.alloc(0)),
    });
    expect(await sender.told('done')).toMatchObject({ bytes: 0, files: 1 });
  });

  test('standard input goes to standard output, byte by byte and with nothing else', async ({
    stage,
  }) => {
    const content = randomBytes(1_000_000);
    const sender = await stage.start(['send', '-'], { input: content });
    const [invitation] = await sender.printed(/^http:\S+$/m);
    const recipient = await stage.start(['receive', '--stdout'], {
      env: { ONIONFERRY_PASSWORD: invitation },
    });
    const { stdout } = await recipient.exits(0);
    expect(sha256(stdout)).toBe(sha256(content));
    expect((await sender.exits(0)).stdout.toString()).toBe(`${invitation}\n`);
  });

  test('a text arrives as a text, and nothing is written to disk', async ({ stage }) => {
    const text = 'первая строка\nthe second\tline \u001b[31mnot red\n';
    const sender = await stage.start(['send', '--json', '--text', '-'], { input: text });
    const recipient = await fetchFrom(sender, stage);
    expect(await recipient.told('text')).toEqual({ event: 'text', text });
    expect(await tree(stage.at('.'))).not.toContainEqual(expect.stringContaining(' to'));
  });
});

/** `from/album`: nine files of 500,012 bytes together. */
async function makeFolder(stage: Stage): Promise<void> {
  const files: readonly (readonly [name: string, content: Uint8Array | string, mode: number])[] = [
    ['from/album/photo.jpg', randomBytes(500_000), 0o644],
    ['from/album/empty', '', 0o600],
    ['from/album/run.sh', '#!/bin/sh', 0o755],
    ['from/album/private', '1', 0o600],
    ['from/album/deep/er/still/file', '2', 0o640],
    ['from/album/имена/файл', '3', 0o644],
    ['from/album/名前/写真 🌊', '', 0o644],
    // The same letter composed and as two, which some systems take for one name.
    ['from/album/composed/\u00e9', '', 0o644],
    ['from/album/-- #100% odd; $name', '', 0o444],
  ];
  for (const [name, content] of files) await stage.file(name, content);
  await mkdir(stage.at('from/album/empty folder'));
  await mkdir(stage.at('from/album/שלום'), { mode: 0o700 });
  for (const [index, [name, , mode]] of files.entries()) {
    await chmod(stage.at(name), mode);
    await utimes(stage.at(name), 1_000_000_000 + index, 1_000_000_000.25 + index);
  }
  await chmod(stage.at('from/album/deep'), 0o750);
  for (const folder of ['album/deep/er', 'album/deep', 'album/empty folder', 'album']) {
    await utimes(stage.at('from', folder), 900_000_000, 900_000_000);
  }
}
