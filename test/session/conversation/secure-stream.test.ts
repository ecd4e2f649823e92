import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { describe, expect, onTestFinished, test } from 'vitest';
import { concat } from '../../../src/base/bytes.js';
import type { SecureStream } from '../../../src/session/conversation/secure-stream.js';
import {
  FRAME_CONTENT_BYTES,
  FRAME_SEALED_MAX_BYTES,
  FrameOpener,
  FrameSealer,
  FrameSplitter,
} from '../../../src/stream/frame.js';
import { CONNECTION_NONCE_BYTES, deriveStreamKey } from '../../../src/stream/keys.js';
import { decodeMessage, encodeMessage, type Message } from '../../../src/stream/message.js';
import { nodeAead } from '../../../src/transfer/node-primitives.js';
import { socketPair } from '../../support/socket-pair.js';
import { ends, secureStream } from '../support/ends.js';

/** More than any two kernels' buffers between the ends take. */
const FRAMES = 64;

const content = new Uint8Array(randomBytes(FRAME_CONTENT_BYTES));

const data = (position: number): Message => ({
  frame: 'data',
  position,
  content,
});

async function sendAll(sender: SecureStream): Promise<void> {
  for (let i = 0; i < FRAMES; i++) await sender.send(data(i * FRAME_CONTENT_BYTES));
}

describe('a secure stream whose other end does not read', () => {
  test('holds no more than the frame on its way and the one behind it', async () => {
    const { sender, recipient, sockets } = await ends();
    const [near] = sockets;
    const sending = sendAll(sender);
    await expect.poll(() => near.writableLength).toBeGreaterThan(FRAME_SEALED_MAX_BYTES);
    expect(near.writableLength).toBeLessThanOrEqual(2 * (FRAME_SEALED_MAX_BYTES + 4));
    let received = 0;
    for await (const message of recipient.messages()) {
      expect(message).toMatchObject({ frame: 'data', position: received * FRAME_CONTENT_BYTES });
      if (++received === FRAMES) break;
    }
    await sending;
    expect(near.writableLength).toBe(0);
  });

  test.each(['near', 'far'])('stops waiting when the %s end breaks', async (which) => {
    const { sender, recipient, sockets } = await ends();
    const [near] = sockets;
    const sending = sendAll(sender);
    sending.catch(() => undefined);
    await expect.poll(() => near.writableLength).toBeGreaterThan(FRAME_SEALED_MAX_BYTES);
    (which === 'near' ? sender : recipient).destroy();
    await expect(sending).rejects.toMatchObject({ code: 'ERR_PEER_GONE' });
    await expect(sender.send(data(0))).rejects.toMatchObject({ code: 'ERR_PEER_GONE' });
  });
});

test('a secure stream knows whose its other end is', async () => {
  const { sender, recipient } = await ends();
  expect([sender.otherSide, recipient.otherSide]).toEqual(['recipient', 'sender']);
});

test('a secure stream is established once the other end has said its nonce', async () => {
  const [near, far] = await socketPair();
  const root = Promise.resolve(new Uint8Array(32));
  const stream = secureStream(near, 'sender', root, 0);
  onTestFinished(() => void far.destroy());
  let isEstablished = false;
  const establishing = stream.established().then(() => {
    isEstablished = true;
  });
  await once(far, 'readable');
  expect(isEstablished).toBe(false);
  far.write(randomBytes(CONNECTION_NONCE_BYTES));
  await establishing;
  // Whoever holds it may leave it to the end of a block.
  stream[Symbol.dispose]();
  await expect.poll(() => near.destroyed).toBe(true);
});

test.each([
  'sender',
  'recipient',
] as const)('a secure stream is sealed with the keys of its number and directions: %s', async (role) => {
  const [near, far] = await socketPair();
  const root = new Uint8Array(randomBytes(32));
  using stream = secureStream(near, role, Promise.resolve(root), 7);
  onTestFinished(() => void far.destroy());
  const farNonce = new Uint8Array(randomBytes(CONNECTION_NONCE_BYTES));
  far.write(farNonce);
  const keepalive: Message = { frame: 'control', control: { type: 'keepalive' } };
  await stream.send(keepalive);
  await expect.poll(() => far.readableLength).toBeGreaterThan(CONNECTION_NONCE_BYTES);
  const nearNonce = new Uint8Array(far.read(CONNECTION_NONCE_BYTES) as Buffer); // of a socket without an encoding
  const isSender = role === 'sender';
  const [senderNonce, recipientNonce] = isSender ? [nearNonce, farNonce] : [farNonce, nearNonce];
  const secrets = { root, stream: 7, senderNonce, recipientNonce };
  const toRecipient = nodeAead(deriveStreamKey(secrets, 'sender-to-recipient'));
  const toSender = nodeAead(deriveStreamKey(secrets, 'recipient-to-sender'));
  const [out, back] = isSender ? [toRecipient, toSender] : [toSender, toRecipient];
  const frames = new FrameSplitter().push(new Uint8Array(far.read() as Buffer));
  const opener = new FrameOpener(out);
  const heard: Message[] = [];
  for (const frame of frames) heard.push(decodeMessage(await opener.open(frame)));
  expect(heard).toEqual([keepalive]);
  far.write(concat(...(await new FrameSealer(back).seal(encodeMessage(keepalive)))));
  expect((await stream.messages().next()).value).toEqual(keepalive);
});

test('a secure stream whose other end goes before it has said its nonce has broken', async () => {
  const [near, far] = await socketPair();
  using stream = secureStream(near, 'sender', Promise.resolve(new Uint8Array(32)), 0);
  far.end(randomBytes(CONNECTION_NONCE_BYTES - 1));
  await expect(stream.established()).rejects.toMatchObject({ code: 'ERR_PEER_GONE' });
  await expect(stream.send(data(0))).rejects.toMatchObject({ code: 'ERR_PEER_GONE' });
});

test('a secure stream takes nothing more when its connection is closed', async () => {
  const { sender, recipient, sockets } = await ends();
  await Promise.all([sender.established(), recipient.established()]);
  const closed = once(sockets[0], 'close');
  sender.destroy();
  await closed;
  await expect(sender.send(data(0))).rejects.toMatchObject({ code: 'ERR_PEER_GONE' });
});

test('a secure stream begins with a nonce that no other has', async () => {
  const nonces: string[] = [];
  for (let i = 0; i < 2; i++) {
    const [near, far] = await socketPair();
    const stream = secureStream(near, 'sender', Promise.resolve(new Uint8Array(32)), 0);
    onTestFinished(() => {
      stream.destroy();
      far.destroy();
    });
    await once(far, 'readable');
    const nonce = far.read(CONNECTION_NONCE_BYTES) as Buffer; // of a socket without an encoding
    nonces.push(nonce.toString('hex'));
  }
  expect(nonces[0]).toHaveLength(2 * CONNECTION_NONCE_BYTES);
  expect(nonces[0]).not.toBe(nonces[1]);
});

test('a secure stream sends frames in order, although a later one was sealed sooner', async () => {
  let seals = 0;
  let release: () => void = () => undefined;
  const { sender, recipient } = await ends((key) => {
    const aead = nodeAead(key);
    return {
      ...aead,
      seal: async (...frame) => {
        const sealed = aead.seal(...frame);
        if (++seals === 1) await new Promise<void>((resolve) => (release = resolve));
        else release();
        return sealed;
      },
    };
  });
  const sending = Promise.all([sender.send(data(0)), sender.send(data(FRAME_CONTENT_BYTES))]);
  const messages = recipient.messages();
  await expect(messages.next()).resolves.toMatchObject({ value: { position: 0 } });
  await expect(messages.next()).resolves.toMatchObject({
    value: { position: FRAME_CONTENT_BYTES },
  });
  await sending;
});

test('a secure stream that ends within a frame has broken, not ended', async () => {
  const { recipient, sender, sockets } = await ends();
  await sender.send({ frame: 'control', control: { type: 'keepalive' } });
  const messages = recipient.messages();
  await messages.next();
  sockets[0].end(Buffer.of(0, 0));
  await expect(messages.next()).rejects.toMatchObject({ code: 'ERR_PEER_GONE' });
});

describe('the last word of a secure stream', () => {
  const receiptAck: Message = { frame: 'control', control: { type: 'receipt-ack' } };
  const abort: Message = { frame: 'control', control: { type: 'abort', reason: 'cancelled' } };

  test('is said once, and who has another one waits for it to be heard', async () => {
    const { sender, recipient } = await ends();
    const words = Promise.all([
      sender.sendLast(receiptAck, 60_000),
      sender.sendLast(abort, 60_000),
    ]);
    const heard: Message[] = [];
    // Ends when the sender has waited for long enough.
    for await (const message of recipient.messages()) heard.push(message);
    expect(heard).toEqual([receiptAck]);
    recipient.destroy();
    await words;
  });

  test('is heard although the other side keeps talking', async () => {
    const { sender, recipient, sockets } = await ends();
    const talking = sendAll(recipient);
    const listening = (async () => {
      for await (const { frame } of sender.messages()) {
        expect(frame).toBe('data');
        void sender.sendLast(receiptAck, 60_000);
      }
    })();
    for await (const message of recipient.messages()) {
      expect(message).toEqual(receiptAck);
      await talking;
      sockets[1].end();
    }
    await expect(listening).resolves.toBeUndefined();
  });
});
