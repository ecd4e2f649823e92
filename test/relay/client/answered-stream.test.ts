import { once } from 'node:events';
import { createServer as createNetServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { utf8 } from '../../../src/base/bytes.js';
import { OnionferryError } from '../../../src/base/errors.js';
import { confirmedPair } from '../support/confirmed-pair.js';
import { connected, farAccess, runningRelay, scratchDirectory } from '../support/running-relay.js';

test('a stream that is refused, or breaks, rejects with the reason', async () => {
  const relay = await runningRelay();
  const { channel, sender: uuid } = await confirmedPair(relay.local);
  const access = farAccess(relay);
  const wrong = (await access.dialStream()).hello({ channel: 'c-d', uuid, stream: 0 });
  await expect((await wrong.channel).read()).rejects.toMatchObject({ code: 'ERR_CHANNEL_MISSING' });
  const given = (await access.dialStream()).hello({ channel, uuid, stream: 0 });
  given.destroy();
  await expect((await given.channel).read()).rejects.toMatchObject({ code: 'ERR_PEER_GONE' });

  const path = join(await scratchDirectory(), 'stream');
  const impostorPort = createNetServer((socket) => {
    socket.on('error', () => undefined);
    socket.end('SSH-2.0\r\n');
  });
  impostorPort.listen(path);
  await once(impostorPort, 'listening');
  onTestFinished(() => {
    impostorPort.close();
  });
  const elsewhere = farAccess({ httpSocket: path, streamSocket: path });
  const odd = (await elsewhere.dialStream()).hello({ channel, uuid, stream: 0 });
  await expect((await odd.channel).read()).rejects.toMatchObject({ code: 'ERR_PROTOCOL' });
});

test('a stream is opened with the first bytes of its connection', async () => {
  const relay = await runningRelay();
  const { channel, sender, recipient } = await confirmedPair(relay.local);
  const said: string[] = [];
  const access = farAccess(relay, {
    dial: ({ first }) => {
      said.push(Buffer.from(first ?? '').toString());
      return connected(relay.streamSocket, first);
    },
  });
  const near = await relay.local.openStream({ channel, uuid: sender, stream: 3 });
  const far = await access.openStream({ channel, uuid: recipient, stream: 3 });
  const [nearEnd, farEnd] = await Promise.all([near.channel, far.channel]);
  await nearEnd.write([utf8('joined')]);
  expect(Buffer.from((await farEnd.read()) ?? []).toString()).toBe('joined');
  expect(said).toEqual([expect.stringMatching(/^\{.*"stream":3.*\}\n$/)]);
  for (const stream of [near, far]) stream.destroy();
});

test('each stream is dialled with the isolation asked for, or one of its own', async () => {
  const relay = await runningRelay();
  const asked: string[] = [];
  const access = farAccess(relay, {
    dial: ({ isolation }) => {
      asked.push(isolation);
      return Promise.reject(new OnionferryError('ERR_ONION_NOT_FOUND', 'no such onion'));
    },
  });
  for (const options of [{ isolation: 'seven' }, {}, {}]) {
    await expect(access.dialStream(options)).rejects.toMatchObject({ code: 'ERR_ONION_NOT_FOUND' });
  }
  expect(asked[0]).toBe('seven');
  expect(new Set(asked).size).toBe(3);
});
