import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { deferred } from '../../src/base/deferred.js';
import { OnionferryError } from '../../src/base/errors.js';
import type { RelayClient } from '../../src/relay-protocol/relay-client.js';
import { type SendTransferOptions, sendTransfer } from '../../src/session/sending/send-transfer.js';
import type { SentTransfer } from '../../src/session/sending/sender-session.js';
import type { Source } from '../../src/session/sending/source.js';
import { fileSource } from '../../src/transfer/source/file-source.js';
import { streamSource, textSource } from '../../src/transfer/source/stream-source.js';
import { farAccess, runningRelay } from '../relay/support/running-relay.js';
import { senderSide } from '../session/support/both-sides.js';
import { senderAt } from '../session/support/parties.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { breaking } from './support/breaking.js';
import { pageAt, type Tap } from './support/page-at.js';
import { contentOf, digest, pageMeets, pageReceives } from './support/pages.js';

/** A program that offers a source to anyone. */
async function offers(
  access: RelayClient,
  source: Source,
  options: Pick<SendTransferOptions, 'circuits'> = {},
): Promise<{ sent: Promise<SentTransfer> }> {
  const channel = await senderAt(access);
  const sending = async (): Promise<SentTransfer> => {
    const meeting = await channel.meet();
    try {
      return await sendTransfer({ ...senderSide(access, meeting), source, ...options });
    } finally {
      await source[Symbol.asyncDispose]();
    }
  };
  const sent = sending();
  sent.catch(() => undefined);
  return { sent };
}

async function folder(): Promise<{ source: Source; content: Record<string, string> }> {
  const top = join(await temporaryDirectory(), 'füße');
  await mkdir(join(top, 'empty'), { recursive: true });
  const content = {
    big: randomBytes(3_000_001),
    none: Buffer.alloc(0),
    'small 🧦': Buffer.from('x'),
  };
  for (const [name, bytes] of Object.entries(content)) await writeFile(join(top, name), bytes);
  const digests: Record<string, string> = {};
  for (const [name, bytes] of Object.entries(content)) digests[`füße/${name}`] = digest(bytes);
  return { source: await fileSource([top]), content: digests };
}

test('a page takes files from a program on its own relay', async () => {
  const relay = await runningRelay();
  const { source, content } = await folder();
  const { sent } = await offers(relay.local, source);
  const received = await pageReceives(await pageAt(relay));
  expect(await contentOf(received)).toEqual(content);
  expect(await sent).toEqual({ bytes: 3_000_002, files: 3 });
});

test('a page receives files from a remote program, which wants many streams', async () => {
  const relay = await runningRelay();
  const { source, content } = await folder();
  const { sent } = await offers(farAccess(relay), source, { circuits: 8 });
  expect(await contentOf(await pageReceives(await pageAt(relay)))).toEqual(content);
  await sent;
});

test('a page takes a text, and content of unknown length', async () => {
  const relay = await runningRelay();
  const page = await pageAt(relay);
  const text = await offers(relay.local, textSource('a text — größer'));
  const note = await pageReceives(page);
  expect(note.manifest.kind).toBe('text');
  expect(Object.values(await contentOf(note))).toEqual([digest('a text — größer')]);
  await text.sent;

  const other = await runningRelay();
  const content = randomBytes(1_000_000);
  const stream = await offers(other.local, streamSource(Readable.from([content]), 'piped'));
  expect(await contentOf(await pageReceives(await pageAt(other)))).toEqual({
    piped: digest(content),
  });
  await stream.sent;
});

test('the sender has its receipt only when the page has kept everything', async () => {
  const relay = await runningRelay();
  const { sent } = await offers(relay.local, textSource('kept'));
  const kept = deferred<undefined>();
  const isWhole = deferred<undefined>();
  let hasReceipt = false;
  void sent.then(() => {
    hasReceipt = true;
  });
  const receiving = pageReceives(await pageAt(relay), {
    onWhole: async () => {
      isWhole.resolve(undefined);
      await kept.promise;
    },
  });
  await isWhole.promise;
  await new Promise(setImmediate);
  expect(hasReceipt).toBe(false);
  kept.resolve(undefined);
  await Promise.all([receiving, sent]);
});

test('wrong words are told apart from everything else, and the sender keeps waiting', async () => {
  const relay = await runningRelay();
  const page = await pageAt(relay);
  const { sent } = await offers(relay.local, textSource('still here'));
  await expect(pageMeets(page, 'three-wrong-words')).rejects.toMatchObject({
    code: 'ERR_PASSWORD',
  });
  await pageReceives(page);
  await sent;
});

test('where nobody sends, a page is told so', async () => {
  const page = await pageAt(await runningRelay());
  await expect(pageMeets(page)).rejects.toMatchObject({ code: 'ERR_CHANNEL_MISSING' });
});

test('wrong access words are reported', async () => {
  const relay = await runningRelay({ accessDelayMs: 1 });
  const page = await pageAt(relay, { credentials: { user: 'ferry', password: 'not this' } });
  await expect(pageMeets(page)).rejects.toMatchObject({ code: 'ERR_PASSWORD' });
});

/** Changes one byte of what the relay sends behind its first `from` bytes, once for each connection. */
function altering(from: number): Tap {
  return (client, relay) => {
    client.pipe(relay);
    let seen = 0;
    relay.on('data', (piece: Buffer) => {
      const at = from - seen;
      if (at >= 0 && at < piece.length) piece[at] = (piece[at] ?? 0) ^ 1;
      seen += piece.length;
      client.write(piece);
    });
    relay.on('end', () => client.end());
  };
}

/** Changes a byte of the offer, and breaks the connection before anybody can say so. */
const alteringOffer: Tap = (client, relay) => {
  client.pipe(relay);
  let head = '';
  let seen = 0;
  relay.on('data', (piece: Buffer) => {
    head += piece.toString('latin1', 0, Math.max(0, 12 - head.length));
    seen += piece.length;
    // Behind the upgrade, the relay's answer and the nonce of the sender.
    const isOffer = head === 'HTTP/1.1 101' && seen > 250;
    if (isOffer) piece[piece.length - 1] = (piece.at(-1) ?? 0) ^ 1;
    client.write(piece, () => {
      if (isOffer) client.destroySoon();
    });
  });
  relay.on('end', () => client.end());
};

test('a byte of the offer that was changed ends it at once, not at the next stream', async () => {
  const relay = await runningRelay();
  const { source } = await folder();
  const { sent } = await offers(relay.local, source);
  const page = await pageAt(relay, { tap: alteringOffer });
  await expect(pageReceives(page)).rejects.toMatchObject({ code: 'ERR_STREAM' });
  await relay.close();
  await expect(sent).rejects.toThrow();
});

test('one changed byte on the way is noticed, nothing is kept, and the sender learns of it', async () => {
  const relay = await runningRelay();
  const { source } = await folder();
  const { sent } = await offers(relay.local, source);
  const page = await pageAt(relay, { tap: altering(1_500_000) });
  const whole: unknown[] = [];
  const receiving = pageReceives(page, { onWhole: (received) => void whole.push(received) });
  await expect(receiving).rejects.toMatchObject({ code: 'ERR_STREAM' });
  expect(whole).toEqual([]);
  await expect(sent).rejects.toMatchObject({ code: 'ERR_STREAM' });
});

test('a broken stream is opened again, and nothing arrives twice', async () => {
  const relay = await runningRelay();
  const { source, content } = await folder();
  const { sent } = await offers(relay.local, source);
  const away: boolean[] = [];
  const page = await pageAt(relay, { tap: breaking('relay', 1_200_000, 2) });
  const received = await pageReceives(page, { onAway: (isAway) => away.push(isAway) });
  expect(await contentOf(received)).toEqual(content);
  expect(away).toEqual([true, false, true, false]);
  await sent;
});

test('a page that declines says so', async () => {
  const relay = await runningRelay();
  const { sent } = await offers(relay.local, textSource('not wanted'));
  const declining = pageReceives(await pageAt(relay), {
    decide: () => Promise.reject(new OnionferryError('ERR_REFUSED', 'declined')),
  });
  await expect(declining).rejects.toMatchObject({ code: 'ERR_REFUSED' });
  await expect(sent).rejects.toMatchObject({ code: 'ERR_REFUSED' });
});
