import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createConnection } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { finish } from '../../../src/relay/staple/staple.js';
import { socketPair } from '../../support/socket-pair.js';
import { OK, scene } from '../support/wire.js';

test('streams with different numbers are not joined', async () => {
  const here = await scene();
  const wires = [here.wire(), here.wire(), here.wire(), here.wire()] as const;
  wires[0].socket.write(`${here.hello('sender', 1)}one`);
  wires[1].socket.write(`${here.hello('sender', 2)}two`);
  wires[2].socket.write(here.hello('recipient', 2));
  wires[3].socket.write(here.hello('recipient', 1));
  await wires[2].until('two');
  await wires[3].until('one');
});

test('once two streams are joined both sides can see it', async () => {
  const here = await scene();
  const { channel, sender, recipient } = here.pair;
  const polls = [sender, recipient].map(async (uuid) => {
    const { revision } = await here.relay.local.channel({ channel, uuid });
    return await here.relay.local.channel({ channel, uuid, since: revision, wait: 50_000 });
  });
  await here.joined();
  for (const state of await Promise.all(polls)) expect(state).toMatchObject({ stapled: true });
});

test('the end of one direction is passed on, and the other direction continues', async () => {
  const [sender, recipient] = await (await scene()).joined({ halfOpen: true });
  const content = 'z'.repeat(3_000_000);
  sender.socket.end(content);
  expect(await recipient.ended()).toBe(`${OK}${content}`);
  recipient.socket.end('a receipt');
  expect(await sender.ended()).toBe(`${OK}a receipt`);
  if (!sender.socket.destroyed) await once(sender.socket, 'close');
});

test('when one side is gone, the other gets what was sent and then its end', async () => {
  const [sender, recipient] = await (await scene()).joined();
  const content = 'z'.repeat(300_000);
  await new Promise<void>((resolve) => {
    sender.socket.write(content, () => resolve());
  });
  sender.socket.destroy();
  expect(await recipient.ended()).toBe(`${OK}${content}`);
});

test('what was written before the end arrives, however slowly it is taken', async () => {
  const [near, far] = await socketPair();
  near.write(Buffer.alloc(16_000_000));
  finish(near, 30_000);
  let taken = 0;
  for await (const piece of far as AsyncIterable<Buffer>) {
    taken += piece.length;
    await new Promise(setImmediate);
  }
  expect(taken).toBe(16_000_000);
});

test('a side that does not take what is left for it is not waited for forever', async () => {
  const [near, far] = await socketPair();
  onTestFinished(() => {
    far.destroy();
  });
  far.pause();
  near.write(Buffer.alloc(64_000_000));
  finish(near, 50);
  await once(near, 'close');
});

test('a slow reader slows the writer down, and nothing is lost or kept in memory', async () => {
  const here = await scene();
  const reader = createConnection(here.relay.streamSocket);
  onTestFinished(() => {
    reader.destroy();
  });
  reader.write(here.hello('recipient'));
  reader.pause();
  const { socket: writer, ...wire } = here.wire();
  writer.write(here.hello('sender'));
  await once(writer, 'data');
  expect(wire.text).toBe('');

  const total = 64;
  const piece = Buffer.alloc(1024 * 1024, 'onion');
  const memory = process.memoryUsage().rss;
  let sent = 0;
  const writing = (async () => {
    for (; sent < total; sent++) {
      if (!writer.write(piece)) await once(writer, 'drain');
    }
    writer.end();
  })();
  // The writer has come to a halt when it gets nowhere for a while.
  for (let before = -1; before !== sent; ) {
    before = sent;
    await delay(300);
  }
  expect(sent).toBeLessThan(8);
  expect(process.memoryUsage().rss - memory).toBeLessThan(32 * 1024 * 1024);

  const hash = createHash('sha256');
  reader.on('data', (chunk: Buffer) => hash.update(chunk));
  reader.resume();
  await once(reader, 'end');
  await writing;
  const expected = createHash('sha256').update(OK);
  for (let i = 0; i < total; i++) expected.update(piece);
  expect(hash.digest('hex')).toBe(expected.digest('hex'));
});

test('closing the channel ends joined streams after what was written', async () => {
  const here = await scene();
  const [sender, recipient] = await here.joined();
  sender.socket.write('the last words');
  await recipient.until('the last words');
  const { channel, recipient: uuid } = here.pair;
  await here.relay.local.channel({ channel, uuid, close: true });
  expect(await sender.ended()).toBe(OK);
  expect(await recipient.ended()).toBe(`${OK}the last words`);
});
