import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { formatAuthorization } from '../../../src/base/authorization.js';
import type { WireCode } from '../../../src/relay-protocol/refusal.js';
import { answeredPair } from '../support/confirmed-pair.js';
import { CREDENTIALS } from '../support/running-relay.js';
import { OK, refused, scene, type Wire } from '../support/wire.js';

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
  const one = (await scene()).wire();
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
  sender.socket.write(`${here.hello('sender')}data`);
  recipient.socket.write(here.hello('recipient'));
  // Past the deadline for the other side: that one only begins with the confirmation.
  await delay(150);
  expect([sender.text, recipient.text]).toEqual(['', '']);
  await here.pair.confirm();
  await recipient.until('data');
});

test('before the confirmation there are few streams for each', async () => {
  const here = await scene({ streamsBeforeConfirmation: 2 }, answeredPair);
  const wires = [here.wire(), here.wire(), here.wire()];
  for (const [stream, one] of wires.entries()) one.socket.write(here.hello('recipient', stream));
  expect(await Promise.race(wires.map((one) => one.ended()))).toBe(refused('too-many'));
});

test('a waiting stream ends with the attempt that it belongs to, or with the channel', async () => {
  const here = await scene({}, answeredPair);
  const { channel, sender: uuid } = here.pair;
  const sender = here.wire();
  sender.socket.write(here.hello('sender'));
  // One of two with the same number is refused: by then the other one is in.
  const [one, other] = [here.wire(), here.wire()];
  for (const { socket } of [one, other]) socket.write(here.hello('recipient'));
  await Promise.race([one.ended(), other.ended()]);
  await here.relay.local.channel({ channel, uuid, attempt: 1, close: true });
  const texts = await Promise.all([one.ended(), other.ended()]);
  expect(texts.toSorted()).toEqual([refused('attempt-ended'), refused('stream-used')]);
  expect(sender.text).toBe('');
  await here.relay.local.channel({ channel, uuid, close: true });
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
