import { once } from 'node:events';
import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import {
  AUTHORIZATION,
  confirmation,
  connected,
  nonce,
  type PlainReply,
  plainRequest,
  runningRelay,
  share,
} from './support/running-relay.js';

test('the protocol of the seed, step by step, over plain HTTP', async () => {
  const { httpSocket, streamSocket } = await runningRelay();
  const post = async (path: string, body: object): Promise<PlainReply> =>
    await plainRequest(httpSocket, path, { body });

  // 1. The sender requests a channel.
  const opened = await post('/join', {
    role: 'sender',
    nonce: nonce(),
    channel: 'a-b',
    curve: 'siec',
  });
  expect(opened.status).toBe(200);
  expect(opened.json).toEqual({
    channel: 'a-b',
    uuid: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
    curve: 'siec',
    state: { role: 'sender', revision: 0, attempts: [], stapled: false },
  });
  const sender = { channel: 'a-b', uuid: opened.json['uuid'] };
  const taken = await post('/join', { role: 'sender', nonce: nonce(), channel: 'a-b' });
  expect([taken.status, taken.json]).toEqual([409, { error: { code: 'channel-taken' } }]);

  // 2, 3. It generates X and posts it.
  const x = share();
  const offered = await post('/channel', { ...sender, attempt: 1, x });
  expect(offered.json['attempts']).toEqual([{ attempt: 1, phase: 'posted' }]);

  // 4, 5. The recipient, told the channel, joins and has X with the reply.
  const joined = await post('/join', { role: 'recipient', nonce: nonce(), channel: 'a-b' });
  expect(joined.json).toEqual({
    channel: 'a-b',
    uuid: expect.any(String) as string,
    curve: 'siec',
    state: { role: 'recipient', revision: 0, phase: 'joined', attempt: 1, x, stapled: false },
  });
  const recipient = { channel: 'a-b', uuid: joined.json['uuid'] };

  // 6, 7. It generates Y and the hash of the hash of k, posts both, and waits.
  const y = share();
  const { h_k, hh_k } = confirmation();
  const confirmed = post('/channel', { ...recipient, attempt: 1, y, hh_k, wait: 50_000 });

  // 8. The sender has been waiting for them.
  const answered = await post('/channel', { ...sender, since: 1, wait: 50_000 });
  expect(answered.json).toEqual({
    role: 'sender',
    revision: 2,
    attempts: [{ attempt: 1, phase: 'answered', y, hh_k }],
    stapled: false,
  });

  // 9, 10. It reveals the hash of k, lets nobody else in, and the recipient gets it.
  const paired = await post('/channel', { ...sender, attempt: 1, h_k, busy: true });
  expect(paired.json['attempts']).toEqual([
    { attempt: 1, phase: 'confirmed', participant: expect.any(String) as string },
  ]);
  const [{ participant }] = paired.json['attempts'] as [{ participant: string }];
  const own = { channel: 'a-b', uuid: participant };
  expect((await confirmed).json).toEqual({
    role: 'recipient',
    revision: 1,
    phase: 'confirmed',
    attempt: 1,
    x,
    h_k,
    stapled: false,
  });
  const late = await post('/join', { role: 'recipient', nonce: nonce(), channel: 'a-b' });
  expect([late.status, late.json]).toEqual([409, { error: { code: 'channel-full' } }]);

  // 11 to 14. Both connect, say who they are, and are stapled.
  const hello = async (who: object): Promise<Socket> => {
    const socket = await connected(streamSocket);
    socket.write(`${JSON.stringify({ ...who, stream: 0, authorization: AUTHORIZATION })}\n`);
    return socket;
  };
  const stapled = post('/channel', { ...recipient, since: 1, wait: 50_000 });
  const senderStream = await hello(own);
  senderStream.write('from the sender');
  const recipientStream = await hello(recipient);
  expect(String((await once(senderStream, 'data'))[0])).toBe('{"ok":true}\n');
  let received = '';
  recipientStream.on('data', (piece: Buffer) => {
    received += piece.toString();
  });

  // 16. Both can ask whether they are stapled.
  expect((await stapled).json).toMatchObject({ revision: 2, stapled: true });
  expect((await post('/channel', own)).json).toMatchObject({ stapled: true });

  // 17. Data goes both ways.
  recipientStream.write('from the recipient');
  expect(String((await once(senderStream, 'data'))[0])).toBe('from the recipient');

  // 18. The recipient closes: pair and streams end; the channel is the sender's to close.
  const ends = [once(senderStream, 'end'), once(recipientStream, 'end')];
  const closed = await post('/channel', { ...recipient, close: true });
  expect(closed.json).toMatchObject({ role: 'recipient', phase: 'ended' });
  await Promise.all(ends);
  expect((await post('/channel', sender)).json['attempts']).toEqual([]);
  await post('/channel', { ...sender, close: true });
  expect(received).toBe('{"ok":true}\nfrom the sender');
  for (const who of [sender, own, recipient]) {
    const gone = await post('/channel', who);
    expect([gone.status, gone.json]).toEqual([404, { error: { code: 'no-such-channel' } }]);
  }
  const missing = await post('/join', { role: 'recipient', nonce: nonce(), channel: 'a-b' });
  expect([missing.status, missing.json]).toEqual([404, { error: { code: 'no-such-channel' } }]);
});
