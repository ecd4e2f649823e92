import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { formatAuthorization } from '../../../src/base/authorization.js';
import type { WireCode } from '../../../src/relay-protocol/refusal.js';
import type { ParticipantId } from '../../../src/relay-protocol/wire.js';
import { answeredPair } from '../support/confirmed-pair.js';
import {
  AUTHORIZATION,
  CREDENTIALS,
  confirmation,
  nonce,
  runningRelay,
  share,
} from '../support/running-relay.js';
import { OK, refused, scene, Wire } from '../support/wire.js';

test('a hello may come byte by byte', async () => {
  const here = await scene();
  const [sender, recipient] = [here.wire(), here.wire()];
  sender.socket.setNoDelay(true);
  for (const byte of `${here.hello('sender')}data`) {
    sender.socket.write(byte);
    await new Promise(setImmediate);
  }
  recipient.socket.write(here.hello('recipient'));
  await recipient.until('data');
});

test.each<[string, string]>([
  ['an endless line', 'x'.repeat(2000)],
  ['an end instead of a line', ''],
])('%s instead of a hello is cut off without an answer', async (_name, text) => {
  // Not because it is late.
  const one = (await scene({ headMs: 3_600_000, requestMs: 3_600_000 })).wire();
  if (text === '') one.socket.end();
  else one.socket.write(text);
  await once(one.socket, 'close');
  expect(one.text).toBe('');
});

test.each<[string, Record<string, unknown>, WireCode]>([
  ['an unknown field', { more: 1 }, 'bad-request'],
  ['a number too high', { stream: 4096 }, 'bad-request'],
  ['half a number', { stream: 0.5 }, 'bad-request'],
  [
    'a wrong password',
    { authorization: formatAuthorization({ ...CREDENTIALS, user: 'x' }) },
    'unauthorized',
  ],
  ['no Basic auth', { authorization: 'Bearer x' }, 'unauthorized'],
  ['an unknown channel', { channel: 'c-d' }, 'no-such-channel'],
  ['an unknown uuid', { uuid: '00000000-0000-4000-8000-000000000000' }, 'attempt-ended'],
])('a hello with %s is refused with the reason', async (_name, wrong, code) => {
  const here = await scene({ accessDelayMs: 10 });
  const one = here.wire();
  one.socket.write(here.hello('sender', 0, wrong));
  expect(await one.ended()).toBe(refused(code));
});

test('a hello that is not JSON is refused', async () => {
  const one = (await scene()).wire();
  one.socket.write('GET / HTTP/1.1\r\n');
  expect(await one.ended()).toBe(refused('bad-request'));
});

test('too many wrong passwords are closed without an answer, the right one passes', async () => {
  const here = await scene({ accessDelayMs: 3_600_000, delayedRefusals: 3 });
  const authorization = formatAuthorization({ ...CREDENTIALS, password: 'x' });
  const wrong = Array.from({ length: 10 }, () => here.wire());
  const closed = new Set<Wire>();
  const enough = new Promise<void>((resolve) => {
    for (const one of wrong) {
      one.socket.once('close', () => {
        closed.add(one);
        if (closed.size === 7) resolve();
      });
    }
  });
  for (const one of wrong) one.socket.write(here.hello('sender', 0, { authorization }));
  await enough;
  await here.joined();
  expect(closed.size).toBe(7);
  expect(wrong.map(({ text }) => text).join('')).toBe('');
});

test('a client that says nothing is cut off', async () => {
  const { socket } = (await scene({ headMs: 50 })).wire();
  await once(socket, 'close');
});

test('a number is used once by each side', async () => {
  const here = await scene();
  const [first, again] = [here.wire(), here.wire()];
  first.socket.write(here.hello('sender'));
  again.socket.write(here.hello('sender'));
  expect(await Promise.race([first.ended(), again.ended()])).toBe(refused('stream-used'));
});

test('a number is not free again when its stream has ended', async () => {
  const here = await scene();
  const [sender, recipient] = await here.joined();
  sender.socket.end();
  await recipient.ended();
  const again = here.wire();
  again.socket.write(here.hello('sender'));
  expect(await again.ended()).toBe(refused('stream-used'));
});

test('a stream is refused when the other side never comes', async () => {
  const here = await scene({ pairMs: 50 });
  const one = here.wire();
  one.socket.write(`${here.hello('recipient')}bytes that nobody reads`);
  expect(await one.ended()).toBe(refused('no-peer'));
});

test('a stream is refused at once when the other side has come and gone', async () => {
  const here = await scene({ pairMs: 3_600_000 });
  const [first, second] = [here.wire(), here.wire()];
  first.socket.write(here.hello('sender'));
  await delay(50);
  first.socket.destroy();
  await delay(50);
  second.socket.write(here.hello('recipient'));
  expect(await second.ended()).toBe(refused('no-peer'));
});

test('streams may come before the confirmation and are joined by it', async () => {
  const here = await scene({ pairMs: 50 }, answeredPair);
  const [sender, recipient] = [here.wire(), here.wire()];
  recipient.socket.write(`${here.hello('recipient')}data`);
  // Past the deadline for the other side: that one only begins with the confirmation.
  await delay(150);
  expect(recipient.text).toBe('');
  await here.pair.confirm();
  sender.socket.write(here.hello('sender'));
  await sender.until('data');
});

test('before the confirmation there are few streams for each', async () => {
  const here = await scene({ streamsBeforeConfirmation: 2 }, answeredPair);
  const wires = [here.wire(), here.wire(), here.wire()];
  for (const [stream, one] of wires.entries()) one.socket.write(here.hello('recipient', stream));
  expect(await Promise.race(wires.map((one) => one.ended()))).toBe(refused('too-many'));
});

test('a recipient that is not confirmed opens three streams, and no fourth', async () => {
  const here = await scene({}, answeredPair);
  const wires = [here.wire(), here.wire(), here.wire(), here.wire()];
  for (const [stream, one] of wires.entries()) one.socket.write(here.hello('recipient', stream));
  const ends = wires.map(async (one, stream) => [stream, await one.ended()]);
  expect((await Promise.race(ends))[1]).toBe(refused('too-many'));
  await here.pair.confirm();
  expect(wires.filter(({ text }) => text === '')).toHaveLength(3);
});

test('a sender has no streams but in a pair', async () => {
  const here = await scene({}, answeredPair);
  const sender = here.wire();
  sender.socket.write(here.hello('sender'));
  expect(await sender.ended()).toBe(refused('not-yours'));
});

test('a waiting stream ends with the attempt that it belongs to, or with the pair', async () => {
  const here = await scene({}, answeredPair);
  const { channel, sender: uuid } = here.pair;
  // One of two with the same number is refused: by then the other one is in.
  const [one, other] = [here.wire(), here.wire()];
  for (const { socket } of [one, other]) socket.write(here.hello('recipient'));
  await Promise.race([one.ended(), other.ended()]);
  await here.relay.local.channel({ channel, uuid, attempt: 1, close: true });
  const texts = await Promise.all([one.ended(), other.ended()]);
  expect(texts.toSorted()).toEqual([refused('attempt-ended'), refused('stream-used')]);

  const paired = await scene();
  const sender = paired.wire();
  sender.socket.write(paired.hello('sender'));
  await delay(50);
  const pair = { channel, uuid: paired.pair.recipient };
  await paired.relay.local.channel({ ...pair, close: true });
  expect(await sender.ended()).toBe(refused('channel-closed'));
});

test('a client that hangs up while waiting makes room for another', async () => {
  const here = await scene({ streams: 1 });
  const first = here.wire();
  first.socket.write(here.hello('recipient', 0));
  await delay(50);
  first.socket.end();
  for (let stream = 1; !(await here.joinsLocally(stream)); stream++) await delay(10);
});

test('one pair’s streams are never joined with another’s', async () => {
  const { local, streamSocket } = await runningRelay();
  const channel = 'a-b';
  const sender = await local.join({ role: 'sender', nonce: nonce(), channel });
  const place = { channel, uuid: sender.uuid };
  const pairs: { sender: ParticipantId; recipient: ParticipantId }[] = [];
  for (const attempt of [1, 2, 3]) {
    const { h_k, hh_k } = confirmation();
    await local.channel({ ...place, attempt, x: share() });
    const { uuid } = await local.join({ role: 'recipient', nonce: nonce(), channel });
    await local.channel({ channel, uuid, y: share(), hh_k });
    const state = await local.channel({ ...place, attempt, h_k });
    const own = state.role === 'sender' ? state.attempts.at(-1)?.participant : undefined;
    pairs.push({ sender: own ?? uuid, recipient: uuid });
  }
  const wires = pairs
    .flatMap((pair) => [pair.sender, pair.recipient])
    .map((uuid) => {
      const wire = new Wire(streamSocket, false);
      const hello = { channel, uuid, stream: 0, authorization: AUTHORIZATION };
      wire.socket.write(`${JSON.stringify(hello)}\nfrom ${uuid};`);
      return wire;
    });
  const heard = await Promise.all(
    wires.map(async (wire) => {
      await wire.until(';');
      return wire.text;
    }),
  );
  expect(heard).toEqual(
    pairs.flatMap((pair) => [`${OK}from ${pair.recipient};`, `${OK}from ${pair.sender};`]),
  );
  // One pair's end is not the others'.
  await local.channel({ channel, uuid: pairs[0]!.recipient, close: true });
  await wires[0]?.ended();
  await local.channel({ ...place, close: true });
  wires[4]?.socket.write('still there');
  await wires[5]?.until('still there');
});

test('an answer is one line, and what the other side wrote follows it', async () => {
  const here = await scene();
  const [sender, recipient] = [here.wire(), here.wire()];
  sender.socket.write(`${here.hello('sender')}first,`);
  sender.socket.write('second');
  recipient.socket.write(`${here.hello('recipient')}back`);
  await recipient.until('second');
  await sender.until('back');
  expect(recipient.text).toBe(`${OK}first,second`);
  expect(sender.text).toBe(`${OK}back`);
});
