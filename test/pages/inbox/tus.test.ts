import { createHash, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Agent } from 'node:http';
import { join } from 'node:path';
import { DefaultHttpStack, Upload } from 'tus-js-client';
import { describe, expect, it, onTestFinished } from 'vitest';
import { formatAuthorization } from '../../../src/base/authorization.js';
import { CREDENTIALS } from '../support/running-web.js';
import {
  contentsOf,
  form,
  type Part,
  post,
  type RunningInbox,
  runningInbox,
  upload,
} from './running-inbox.js';
import { beginTus, created, metadata, patch, tus, unitsSha256 } from './tus-visitor.js';

const CONTENT = randomBytes(700_000);

function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

/** Sends with tus-js-client. */
async function sendWith(
  { web }: Pick<RunningInbox, 'web'>,
  content: Buffer,
  options: { readonly chunkSize?: number; readonly parallelUploads?: number },
): Promise<void> {
  const agent = new Agent({ socketPath: web.httpSocket } as object);
  onTestFinished(() => agent.destroy());
  await new Promise<void>((resolve, reject) => {
    new Upload(content, {
      endpoint: 'http://inbox.test/uploads',
      headers: { Authorization: formatAuthorization(CREDENTIALS) },
      metadata: { filename: 'report.pdf' },
      httpStack: new DefaultHttpStack({ agent }),
      retryDelays: null,
      ...options,
      onSuccess: () => resolve(),
      onError: reject,
    }).start();
  });
}

describe('tus-js-client', () => {
  it.each([
    ['in one request', {}],
    ['in pieces', { chunkSize: 100_000 }],
    ['in parallel partial uploads', { parallelUploads: 3, chunkSize: 100_000 }],
  ])('sends a file %s', async (_how, options) => {
    const running = await runningInbox();
    await sendWith(running, CONTENT, options);
    expect(CONTENT.equals(await readFile(join(running.directory, 'report.pdf')))).toBe(true);
    expect(running.received).toMatchObject([{ path: 'report.pdf', sha256: sha256(CONTENT) }]);
    expect(Object.keys(await contentsOf(running.directory))).toEqual(['report.pdf']);
  });
});

describe('an upload by tus', () => {
  it('goes on after its connection broke, also when the inbox was closed meanwhile', async () => {
    const first = await runningInbox();
    const path = await created(first.web, CONTENT.length);
    const outgoing = beginTus(first.web, {
      method: 'PATCH',
      path,
      headers: {
        'content-type': 'application/offset+octet-stream',
        'content-length': String(CONTENT.length),
        'upload-offset': '0',
      },
    });
    outgoing.on('error', () => undefined);
    outgoing.write(CONTENT.subarray(0, 300_000));
    const offsetAt = async ({ web }: RunningInbox): Promise<number> =>
      Number((await tus(web, { method: 'HEAD', path })).headers['upload-offset']);
    await expect.poll(() => offsetAt(first)).toBeGreaterThan(0);
    outgoing.destroy();
    await first.inbox.close();
    const again = await runningInbox({ directory: first.directory });
    const offset = await offsetAt(again);
    expect(offset).toBeGreaterThanOrEqual(262_144);
    const reply = await patch(again.web, path, offset, CONTENT.subarray(offset));
    expect(reply.status).toBe(204);
    expect(CONTENT.equals(await readFile(join(again.directory, 'a.bin')))).toBe(true);
    expect(await offsetAt(again)).toBe(CONTENT.length);
  });

  it('never takes the place of another file', async () => {
    const { web, directory } = await runningInbox();
    for (const content of ['one', 'two']) await patch(web, await created(web, 3), 0, content);
    expect(await contentsOf(directory)).toEqual({ 'a.bin': 'one', 'a (1).bin': 'two' });
  });

  it('refuses a wrong offset, type, checksum and length, and keeps what is right', async () => {
    const { web, directory } = await runningInbox();
    const path = await created(web, 6);
    expect((await patch(web, path, 1, 'bcd')).status).toBe(409);
    expect((await patch(web, path, 0, 'abc', { 'content-type': 'text/plain' })).status).toBe(415);
    expect((await patch(web, path, 0, 'abcdefg')).status).toBe(413);
    const sum = (text: string): string =>
      `sha1 ${createHash('sha1').update(text).digest('base64')}`;
    expect((await patch(web, path, 0, 'abc', { 'upload-checksum': sum('abd') })).status).toBe(460);
    expect((await patch(web, path, 0, 'abc', { 'upload-checksum': 'crc AA==' })).status).toBe(400);
    const right = await patch(web, path, 0, 'abc', { 'upload-checksum': sum('abc') });
    expect([right.status, right.headers['upload-offset']]).toEqual([204, '3']);
    expect((await patch(web, path, 3, 'def')).status).toBe(204);
    expect(await contentsOf(directory)).toEqual({ 'a.bin': 'abcdef' });
  });

  it('is described, versioned, and known by its path alone', async () => {
    const { web } = await runningInbox({ limits: { bytesPerFile: 100 } });
    const described = await tus(web, { method: 'OPTIONS' });
    expect(described.headers).toMatchObject({ 'tus-version': '1.0.0', 'tus-max-size': '100' });
    const old = await tus(web, { method: 'POST', headers: { 'tus-resumable': '0.2.2' } });
    expect([old.status, old.headers['tus-version']]).toEqual([412, '1.0.0']);
    const other = `/uploads/${'0'.repeat(32)}`;
    expect((await tus(web, { method: 'HEAD', path: other })).status).toBe(404);
    expect((await tus(web, { method: 'PUT', path: other })).status).toBe(405);
    expect((await patch(web, other, 0, 'a')).status).toBe(404);
  });

  it('leaves nothing when it is terminated or expires', async () => {
    const { web, directory } = await runningInbox();
    const path = await created(web, 6);
    await patch(web, path, 0, 'abc');
    expect((await tus(web, { method: 'DELETE', path })).status).toBe(204);
    expect((await tus(web, { method: 'HEAD', path })).status).toBe(404);
    expect(await contentsOf(directory)).toEqual({});
    // Only here: what is terminated must not have expired before.
    const hasty = await runningInbox({ limits: { unfinishedMs: 200 } });
    const forgotten = await created(hasty.web, 6);
    await expect.poll(() => contentsOf(hasty.directory)).toEqual({});
    expect((await tus(hasty.web, { method: 'HEAD', path: forgotten })).status).toBe(404);
  });

  it.each([
    ['upload-metadata', 'filename !!!'],
    ['upload-metadata', 'filename YQ==,filename YQ=='],
    ['upload-metadata', 'filename /w=='],
    ['upload-metadata', `filename ${'YWFh'.repeat(2000)}`],
    ['upload-metadata', metadata({ filename: '../../x' })],
    ['upload-metadata', metadata({ filename: 'a\u0000b' })],
    ['upload-length', '-1'],
    ['upload-length', '1e3'],
    ['upload-length', '99999999999999999999'],
    ['upload-concat', 'final;/uploads/../etc/passwd'],
    ['upload-concat', 'final;'],
  ])('is refused with %s %s, and nothing is written', async (name, value) => {
    const { web, directory } = await runningInbox();
    const reply = await tus(web, {
      method: 'POST',
      headers: {
        'upload-length': '3',
        'upload-metadata': metadata({ filename: 'a' }),
        [name]: value,
      },
    });
    expect(reply.status).toBe(400);
    expect(await contentsOf(directory)).toEqual({});
  });

  it('is refused beyond the limits of the inbox', async () => {
    const limits = { bytesPerFile: 10, bytesTotal: 15, unfinishedUploads: 2 };
    const { web } = await runningInbox({ limits, kinds: { deny: ['exe'] } });
    await expect(created(web, 11)).rejects.toThrow('413: File too large');
    await expect(created(web, 1, { filename: 'a.exe' })).rejects.toThrow('415');
    const path = await created(web, 10);
    await expect(created(web, 6)).rejects.toThrow('507');
    await created(web, 5);
    await expect(created(web, 0)).rejects.toThrow('503');
    await tus(web, { method: 'DELETE', path });
    await created(web, 10);
  });

  it('is refused from a page of another site', async () => {
    const { web } = await runningInbox();
    const headers = { 'sec-fetch-site': 'cross-site' };
    await expect(created(web, 1, {}, headers)).rejects.toThrow('403');
  });
});

describe('partial uploads', () => {
  it('become one file, and are refused while one is not complete', async () => {
    const { web, directory } = await runningInbox();
    const parts: string[] = [];
    for (const content of ['one,', 'two,', 'three']) {
      const path = await created(web, content.length, {}, { 'upload-concat': 'partial' });
      parts.push(path);
      if (content !== 'three') await patch(web, path, 0, content);
    }
    const concat = `final;${parts.join(' ')}`;
    const headers = { 'upload-concat': concat, 'upload-metadata': metadata({ filename: 'all' }) };
    expect((await tus(web, { method: 'POST', headers })).status).toBe(400);
    await patch(web, parts[2] ?? '', 0, 'three');
    const reply = await tus(web, { method: 'POST', headers });
    expect(reply.status).toBe(201);
    // A client that did not get the reply asks again.
    expect((await tus(web, { method: 'POST', headers })).headers['location']).toBe(
      reply.headers['location'],
    );
    expect(await contentsOf(directory)).toEqual({ all: 'one,two,three' });
    const whole = String(reply.headers['location']);
    const head = await tus(web, { method: 'HEAD', path: whole });
    expect(head.headers).toMatchObject({ 'upload-concat': concat, 'upload-length': '13' });
    expect((await patch(web, whole, 13, 'x')).status).toBe(403);
  });
});

describe('a file that the page sends ahead', () => {
  const ahead = { filename: 'a.bin', fingerprint: 'f'.repeat(43) };
  const write = (web: RunningInbox['web'], path: string, at: number, body: Buffer) =>
    tus(web, { method: 'POST', path: `${path}?at=${at}`, body });
  const staged = (inbox: RunningInbox, path: string, digest: string) => {
    const id = path.slice('/uploads/'.length);
    const value = JSON.stringify({ id, name: 'folder/a.bin', unitsSha256: digest });
    const { headers, body } = form({ field: 'staged', value }, { name: 'b', content: 'b' });
    return post(inbox.web, { headers, body });
  };

  it('arrives in any order, is found again by its fingerprint, and is saved with the form', async () => {
    const inbox = await runningInbox();
    const { web, directory } = inbox;
    const path = await created(web, CONTENT.length, ahead);
    await write(web, path, 400_000, CONTENT.subarray(400_000));
    expect(await created(web, CONTENT.length, ahead)).toBe(path);
    expect(await created(web, CONTENT.length, { ...ahead, fingerprint: 'g' })).not.toBe(path);
    const missing: unknown = JSON.parse((await tus(web, { method: 'GET', path })).text);
    expect(missing).toMatchObject({ missing: [[0, 400_000]] });
    expect((await staged(inbox, path, unitsSha256(CONTENT))).status).toBe(400);
    await write(web, path, 0, CONTENT.subarray(0, 400_000));
    expect(Object.keys(await contentsOf(directory))).not.toContain('folder/a.bin');
    const reply = await staged(inbox, path, unitsSha256(CONTENT));
    expect(reply.status).toBe(200);
    expect(reply.text).toContain(sha256(CONTENT));
    expect(CONTENT.equals(await readFile(join(directory, 'folder/a.bin')))).toBe(true);
    expect(await readFile(join(directory, 'b'), 'utf8')).toBe('b');
  });

  it('stays for another form, if one fails for another of its files', async () => {
    const inbox = await runningInbox({ kinds: { deny: ['exe'] } });
    const digest = unitsSha256(Buffer.from('abc'));
    const part = (id: string, name: string): Part => {
      const value = JSON.stringify({ id, name, unitsSha256: digest });
      return { field: 'staged', value };
    };
    const ids: string[] = [];
    for (const fingerprint of ['a', 'b']) {
      const path = await created(inbox.web, 3, { ...ahead, fingerprint });
      await write(inbox.web, path, 0, Buffer.from('abc'));
      ids.push(path.slice('/uploads/'.length));
    }
    const [a = '', b = ''] = ids;
    const unknown = '0'.repeat(32);
    for (const [other, status] of [
      [part(unknown, 'c'), 400],
      [part(a, 'twice'), 400],
      [part(b, 'refused.exe'), 415],
    ] as const) {
      expect((await upload(inbox, part(a, 'a'), other)).status).toBe(status);
    }
    expect((await upload(inbox, part(a, 'a'), part(b, 'b'))).status).toBe(200);
    expect(await contentsOf(inbox.directory)).toEqual({ a: 'abc', b: 'abc' });
  });

  it('is not saved if somebody has sent other bytes for it', async () => {
    const inbox = await runningInbox();
    const path = await created(inbox.web, 3, ahead);
    await write(inbox.web, path, 0, Buffer.from('bad'));
    expect((await staged(inbox, path, unitsSha256(Buffer.from('abc')))).status).toBe(400);
    expect(await contentsOf(inbox.directory)).toEqual({});
  });
});
