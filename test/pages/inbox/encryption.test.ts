import { createHash, randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Decrypter, generateX25519Identity, identityToRecipient } from 'age-encryption';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import {
  contentsOf,
  file,
  note,
  type RunningInbox,
  runningInbox,
  upload,
} from './running-inbox.js';
import { created, metadata, patch, tus } from './tus-visitor.js';

/** What stands in no file by chance */
const MARK = 'a sentence that must never reach the disk in the clear; ';
const CLEAR = Buffer.from(MARK.repeat(8000));

interface Sealed extends RunningInbox {
  readonly open: (name: string) => Promise<Buffer>;
  readonly recipient: string;
}

async function encrypted(directory?: string): Promise<Sealed> {
  const identity = await generateX25519Identity();
  const recipient = await identityToRecipient(identity);
  const given = directory === undefined ? {} : { directory };
  const running = await runningInbox({ ...given, encryptTo: [recipient] });
  const open = async (name: string): Promise<Buffer> => {
    const decrypter = new Decrypter();
    decrypter.addIdentity(identity);
    const content = new Uint8Array(await readFile(join(running.directory, name)));
    return Buffer.from(await decrypter.decrypt(content));
  };
  return { ...running, open, recipient };
}

function sha256(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** Everything in the folder, hidden or not. */
async function allBytes(directory: string): Promise<string> {
  const found = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = found.filter((entry) => entry.isFile());
  const contents = await Promise.all(files.map((one) => readFile(join(one.parentPath, one.name))));
  return Buffer.concat(contents).toString('latin1');
}

describe('encryption at rest', () => {
  it('saves what only the recipient can read; the receipt has the hash of what was sent', async () => {
    const running = await encrypted();
    const { directory, open } = running;
    const sent = [file('small.txt', MARK), file('folder/large.txt', CLEAR), note('hello')] as const;
    const reply = await upload(running, ...sent);
    expect(reply.status).toBe(200);
    expect(Object.keys(await contentsOf(directory)).sort()).toEqual([
      ...['folder/large.txt.age', 'note.txt.age', 'small.txt.age'],
    ]);
    expect(await allBytes(directory)).not.toContain(MARK);
    expect((await open('small.txt.age')).toString()).toBe(MARK);
    expect((await open('folder/large.txt.age')).equals(CLEAR)).toBe(true);
    expect(reply.text).toContain(sha256(CLEAR));
    expect(reply.text).not.toContain('.age');
    // What is told here, and may be kept in logs, says nothing of the content.
    const stored = await readFile(join(directory, 'small.txt.age'));
    expect(running.received).toContainEqual({
      ...{ path: 'small.txt.age', bytes: stored.length, sha256: sha256(stored) },
    });
  });

  it('hides what is not complete, and what comes in any order', async () => {
    const { web, directory, open } = await encrypted();
    const entries = { filename: 'a.txt', fingerprint: 'a fingerprint of what is in it' };
    const path = await created(web, CLEAR.length, entries);
    const hasMetadata = async (): Promise<boolean> => {
      const bytes = await allBytes(directory);
      return Object.values(entries).some((value) =>
        bytes.includes(Buffer.from(value).toString('base64')),
      );
    };
    expect(await hasMetadata()).toBe(false);
    const range = (from: number, to: number): ReturnType<typeof tus> =>
      tus(web, { method: 'POST', path: `${path}?at=${from}`, body: CLEAR.subarray(from, to) });
    // Neither at the start of a block of the cipher, nor of its end.
    for (const [from, to] of [
      [300_001, CLEAR.length],
      [7, 300_001],
      [0, 7],
    ] as const) {
      expect((await range(from, to)).status).toBe(200);
      expect(await allBytes(directory)).not.toContain(MARK);
      expect(await hasMetadata()).toBe(false);
    }
    const whole = await created(web, CLEAR.length, { filename: 'b.txt' });
    expect((await patch(web, whole, 0, CLEAR.subarray(0, 1001))).status).toBe(204);
    expect(await allBytes(directory)).not.toContain(MARK);
    expect((await patch(web, whole, 1001, CLEAR.subarray(1001))).status).toBe(204);
    expect((await open('b.txt.age')).equals(CLEAR)).toBe(true);
  });

  it('puts parts together without showing them', async () => {
    const { web, directory, open } = await encrypted();
    const parts: string[] = [];
    for (const part of [CLEAR.subarray(0, 70_001), CLEAR.subarray(70_001)]) {
      const path = await created(web, part.length, {}, { 'upload-concat': 'partial' });
      expect((await patch(web, path, 0, part)).status).toBe(204);
      parts.push(path);
    }
    expect(await allBytes(directory)).not.toContain(MARK);
    const reply = await tus(web, {
      method: 'POST',
      headers: {
        'upload-concat': `final;${parts.join(' ')}`,
        'upload-metadata': metadata({ filename: 'c.txt' }),
      },
    });
    expect(reply.status).toBe(201);
    expect((await open('c.txt.age')).equals(CLEAR)).toBe(true);
  });

  it('forgets what was not complete when the inbox ends: nobody can read it any more', async () => {
    const first = await encrypted();
    const path = await created(first.web, CLEAR.length);
    await patch(first.web, path, 0, CLEAR.subarray(0, 100_000));
    await first.inbox.close();
    const second = await encrypted(first.directory);
    expect((await tus(second.web, { method: 'HEAD', path })).status).toBe(404);
    expect(await contentsOf(first.directory)).toEqual({});
  });

  it('goes on with what an inbox without encryption has left, and encrypts it', async () => {
    const first = await runningInbox();
    const content = randomBytes(100_000);
    const path = await created(first.web, content.length);
    await patch(first.web, path, 0, content.subarray(0, 50_000));
    await first.inbox.close();
    const second = await encrypted(first.directory);
    expect((await patch(second.web, path, 50_000, content.subarray(50_000))).status).toBe(204);
    expect((await second.open('a.bin.age')).equals(content)).toBe(true);
    expect(Object.keys(await contentsOf(first.directory))).toEqual(['a.bin.age']);
  });

  it('starts with no recipient that age would refuse, and does not repeat what was given', async () => {
    const directory = await temporaryDirectory();
    const secret = 'AGE-SECRET-KEY-1SECRET';
    const opening = runningInbox({ directory, encryptTo: [secret] });
    await expect(opening).rejects.toMatchObject({ code: 'ERR_USAGE' });
    await expect(opening).rejects.not.toThrow(secret);
  });
});
