import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import { utf8 } from '../../src/base/bytes.js';
import { manifestDigest } from '../../src/session/conversation/encoded-manifest.js';
import type { SecureStream } from '../../src/session/conversation/secure-stream.js';
import { receiveTransfer } from '../../src/session/receiving/receive-transfer.js';
import { sendTransfer } from '../../src/session/sending/send-transfer.js';
import { FRAME_CONTENT_BYTES } from '../../src/stream/frame.js';
import { type Entry, MANIFEST_MAX_BYTES, type Manifest } from '../../src/stream/manifest.js';
import type { Control, Message } from '../../src/stream/message.js';
import { Ranges } from '../../src/stream/ranges.js';
import { openDestination } from '../../src/transfer/destination/destination.js';
import { nodePrimitives } from '../../src/transfer/node-primitives.js';
import { fileSource } from '../../src/transfer/source/file-source.js';
import { textSource } from '../../src/transfer/source/stream-source.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { alone, ends, secureStream } from './support/ends.js';

const file = (path: string[], size = 1): Entry => ({
  type: 'file',
  path,
  size,
  mode: 0o644,
  mtime: 0,
});

/** What a recipient makes of a sender that says just this. */
async function receiveFrom(
  say: (stream: SecureStream) => Promise<void>,
): Promise<{ code: unknown; left: string[] }> {
  const { sender, recipient } = await ends();
  const parent = await temporaryDirectory();
  const directory = join(parent, 'out');
  await mkdir(directory);
  const draining = drain(sender);
  draining.catch(() => undefined);
  const received = receiveTransfer({
    ...alone(recipient),
    accept: (manifest) => openDestination({ directory, manifest, conflict: 'overwrite' }),
  });
  say(sender).catch(() => undefined);
  const error: unknown = await received.catch((reason: unknown) => reason);
  const code = error instanceof Error && 'code' in error ? error.code : error;
  return { code, left: (await readdir(parent, { recursive: true })).filter((n) => n !== 'out') };
}

async function drain(stream: SecureStream): Promise<void> {
  const messages = stream.messages();
  while ((await messages.next()).done !== true);
}

async function offer(stream: SecureStream, manifest: unknown): Promise<void> {
  const part = await nodePrimitives.deflate([utf8(JSON.stringify(manifest))]);
  await stream.send({ frame: 'manifest', part, last: true });
}

describe('a recipient writes nothing when the sender', () => {
  const link: Entry = { type: 'link', path: ['l'], target: '/tmp' };
  const manifests: [string, Manifest | object, string][] = [
    [
      'leads out of the folder',
      { kind: 'files', entries: [file(['..', 'x'])] },
      'ERR_HOSTILE_NAME',
    ],
    ['hides a path in a name', { kind: 'files', entries: [file(['../x'])] }, 'ERR_HOSTILE_NAME'],
    [
      'writes through a link',
      { kind: 'files', entries: [link, file(['l', 'x'])] },
      'ERR_HOSTILE_NAME',
    ],
    ['offers what is no manifest', { entries: 'all' }, 'ERR_PROTOCOL'],
    ['offers more than fits', { kind: 'files', entries: [file(['x'], 2 ** 52)] }, 'ERR_DISK_FULL'],
  ];
  test.each(manifests)('%s', async (_, manifest, code) => {
    expect(await receiveFrom((stream) => offer(stream, manifest))).toEqual({ code, left: [] });
  });

  const one: Manifest = { kind: 'files', entries: [file(['x'], 4)] };
  const content = utf8('four');
  const parts: [string, (stream: SecureStream) => Promise<void>][] = [
    ['sends content before an offer', (s) => s.send({ frame: 'data', position: 0, content })],
    [
      'ends before an offer',
      (s) => s.send({ frame: 'control', control: { type: 'content-end', total: 0 } }),
    ],
    [
      'makes an offer of endless empty parts',
      (s) => s.send({ frame: 'manifest', part: new Uint8Array(), last: false }),
    ],
    [
      'offers twice',
      async (s) => {
        await offer(s, one);
        await offer(s, one);
      },
    ],
    [
      'sends another place than is next',
      async (s) => {
        await offer(s, one);
        await s.send({ frame: 'data', position: 2, content });
      },
    ],
    [
      'sends more than it offered',
      async (s) => {
        await offer(s, one);
        await s.send({ frame: 'data', position: 0, content: utf8('four and more') });
      },
    ],
    [
      'ends early',
      async (s) => {
        await offer(s, one);
        await s.send({ frame: 'data', position: 0, content: utf8('fo') });
        await s.send({ frame: 'control', control: { type: 'content-end', total: 2 } });
      },
    ],
    [
      'lies about the end',
      async (s) => {
        await offer(s, one);
        await s.send({ frame: 'control', control: { type: 'content-end', total: 4 } });
      },
    ],
    [
      'acknowledges a receipt that was never sent',
      async (s) => {
        await offer(s, one);
        await s.send({ frame: 'control', control: { type: 'receipt-ack' } });
      },
    ],
    [
      'plays the recipient',
      async (s) => {
        await offer(s, one);
        await s.send({ frame: 'control', control: { type: 'receipt', bytes: 4, files: 1 } });
      },
    ],
  ];
  test.each(parts)('%s', async (_, say) => {
    expect(await receiveFrom(say)).toEqual({ code: 'ERR_PROTOCOL', left: [] });
  });

  const bomb = deflateRawSync(new Uint8Array(MANIFEST_MAX_BYTES + 1).fill(32), { level: 9 });
  test.each([
    ['packs a thousand times more into its offer', new Uint8Array(bomb)],
    ['makes an offer that was not packed', utf8(JSON.stringify(one))],
    [
      'makes half an offer',
      new Uint8Array(deflateRawSync(utf8(JSON.stringify(one)))).subarray(0, -9),
    ],
    ['makes an empty offer', new Uint8Array()],
  ])('%s', async (_, part) => {
    const say = (stream: SecureStream): Promise<void> =>
      stream.send({ frame: 'manifest', part, last: true });
    expect(await receiveFrom(say)).toEqual({ code: 'ERR_PROTOCOL', left: [] });
  });

  test('never ends its offer', async () => {
    const part = new Uint8Array(FRAME_CONTENT_BYTES).fill(32);
    const endless = async (stream: SecureStream): Promise<void> => {
      for (;;) await stream.send({ frame: 'manifest', part, last: false });
    };
    expect(await receiveFrom(endless)).toEqual({ code: 'ERR_PROTOCOL', left: [] });
  });
});

/** Listens to the end, and goes then. */
function hearOut(stream: SecureStream): void {
  const leave = (): void => stream.destroy();
  drain(stream).then(leave, leave);
}

describe('a sender', () => {
  test.each([
    ['says it has received before anything was sent', { type: 'receipt', bytes: 5, files: 1 }],
    ['accepts something else', { type: 'accept', manifest: 'A'.repeat(43) }],
    ['says it has written more than was sent', { type: 'ack', frames: 9e15 }],
    ['asks for what it never had', { type: 'resend', ranges: [[0, 5]] }],
    ['asks for a stream that is not its to name', { type: 'open-streams', streams: [0] }],
    ['offers something itself', { type: 'content-end', total: 0 }],
  ] as const)('is not fooled by a recipient that %s', async (_, control) => {
    const { sender, recipient } = await ends();
    const sending = sendTransfer({ ...alone(sender), source: textSource('hello') });
    hearOut(recipient);
    recipient.send({ frame: 'control', control }).catch(() => undefined);
    await expect(sending).rejects.toMatchObject({ code: 'ERR_PROTOCOL' });
  });
});

describe('a sender whose offer was accepted', async () => {
  const source = textSource('hello');
  const digest = await manifestDigest(source.manifest, nodePrimitives);
  const accept: Message = { frame: 'control', control: { type: 'accept', manifest: digest } };
  const beyond: Message = { frame: 'have', ranges: new Ranges([[0, Number.MAX_SAFE_INTEGER]]) };
  const say = (control: Control): Message => ({ frame: 'control', control });
  const part = (wanted: number): Message => say({ type: 'accept', manifest: digest, wanted });
  test.each<[string, Message[]]>([
    ['has more than was offered', [beyond, accept]],
    ['accepts twice', [accept, accept]],
    ['wants a part of a chunk again', [accept, say({ type: 'resend', ranges: [[1, 2]] })]],
    ['wants again what there is not', [accept, say({ type: 'resend', ranges: [[0, 2 ** 40]] })]],
    ['asks for the manifest of a first meeting', [accept, say({ type: 'manifest-request' })]],
    ['has received another length', [accept, say({ type: 'receipt', bytes: 4, files: 1 })]],
    ['wants more than there is', [part(6)]],
    ['has received more than it wants', [part(4), say({ type: 'receipt', bytes: 5, files: 1 })]],
  ])('ends when the recipient %s', async (_, messages) => {
    const { sender, recipient } = await ends();
    const sending = sendTransfer({ ...alone(sender), source });
    hearOut(recipient);
    for (const message of messages) recipient.send(message).catch(() => undefined);
    await expect(sending).rejects.toMatchObject({ code: 'ERR_PROTOCOL' });
  });
});

describe('an attacker between the two', () => {
  test('can change no byte anywhere without both noticing, and nothing of it is kept', async () => {
    const from = await temporaryDirectory();
    await writeFile(join(from, 'f'), randomBytes(300_000));
    // In the nonce, the manifest, the content. (In a length it would be as if bytes were held back.)
    for (const position of [5, 60, 1_000, 280_000]) {
      const to = await temporaryDirectory();
      const { sender, recipient } = await tampered(position);
      await using source = await fileSource([join(from, 'f')]);
      const [sent, got] = await Promise.allSettled([
        sendTransfer({ ...alone(sender), source }),
        receiveTransfer({
          ...alone(recipient),
          accept: (manifest) => openDestination({ directory: to, manifest, conflict: 'rename' }),
        }),
      ]);
      expect([sent.status, got.status]).toEqual(['rejected', 'rejected']);
      // At most what was verified before, under no name of the offer.
      expect((await readdir(to)).filter((name) => !name.endsWith('.part'))).toEqual([]);
    }
  });

  async function tampered(
    position: number,
  ): Promise<{ sender: SecureStream; recipient: SecureStream }> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number }; // a TCP server has a port
    const far = connect(port, '127.0.0.1');
    const [near] = (await once(server, 'connection')) as [typeof far]; // its documented argument
    const last = createServer();
    last.listen(0, '127.0.0.1');
    await once(last, 'listening');
    const { port: lastPort } = last.address() as { port: number }; // as above
    const end = connect(lastPort, '127.0.0.1');
    const [middle] = (await once(last, 'connection')) as [typeof far]; // as above
    let passed = 0;
    near.on('data', (piece: Buffer) => {
      const at = position - passed;
      if (at >= 0 && at < piece.length) piece[at]! ^= 1;
      passed += piece.length;
      middle.write(piece);
    });
    middle.pipe(near);
    const all = [far, near, end, middle];
    for (const socket of all) {
      socket.on('error', () => undefined);
      socket.once('close', () => all.forEach((other) => other.destroy()));
    }
    onTestFinished(() => {
      all.forEach((socket) => socket.destroy());
      server.close();
      last.close();
    });
    const root = Promise.resolve(randomBytes(32));
    return {
      sender: secureStream(far, 'sender', root, 0),
      recipient: secureStream(end, 'recipient', root, 0),
    };
  }
});

describe('a folder that is sent', () => {
  test('never gives away what its links point to', async () => {
    const from = await temporaryDirectory();
    await mkdir(join(from, 'd'));
    await symlink('/etc/hostname', join(from, 'd/secret'));
    await using source = await fileSource([join(from, 'd')]);
    expect(source.manifest.entries).toContainEqual({
      type: 'link',
      path: ['d', 'secret'],
      target: '/etc/hostname',
    });
    expect(source.manifest.entries.filter(({ type }) => type === 'file')).toEqual([]);
  });
});
