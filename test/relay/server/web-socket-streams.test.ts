import { once } from 'node:events';
import { expect, test } from 'vitest';
import type { WireCode } from '../../../src/relay-protocol/refusal.js';
import { WEB_SOCKET_MESSAGE_MAX_BYTES } from '../../../src/relay-protocol/wire.js';
import { answeredPair } from '../support/confirmed-pair.js';
import { upgradeRefused, WebWire } from '../support/web-wire.js';
import { OK, refused, type Scene, type Side, scene } from '../support/wire.js';

function helloOf(here: Scene, side: Side, stream = 0, changes: object = {}): string {
  const place = { channel: here.pair.channel, uuid: here.pair[side], stream };
  return JSON.stringify({ ...place, ...changes });
}

async function webWire(here: Scene, side: Side, stream = 0, changes = {}): Promise<WebWire> {
  const wire = await new WebWire(here.relay.httpSocket).open();
  wire.socket.send(helloOf(here, side, stream, changes));
  return wire;
}

test('a page and a program are joined, and bytes go both ways as they are', async () => {
  const here = await scene();
  const page = await webWire(here, 'sender');
  page.socket.send(Buffer.from('from the page'));
  const program = here.wire();
  program.socket.write(here.hello('recipient'));
  await program.until('from the page');
  program.socket.write('from the program');
  await page.until('from the program');
  expect(program.text).toBe(`${OK}from the page`);
  expect(page.text).toBe(`${OK}from the program`);
});

test('two pages are joined', async () => {
  const here = await scene();
  const [one, other] = [await webWire(here, 'sender'), await webWire(here, 'recipient')];
  one.socket.send(Buffer.from('hello'));
  await other.until('hello');
  expect(other.text).toBe(`${OK}hello`);
});

test('streams may come before the confirmation and are joined by it', async () => {
  const here = await scene({}, answeredPair);
  const page = await webWire(here, 'recipient');
  const program = here.wire();
  await here.pair.confirm();
  program.socket.write(`${here.hello('sender')}data`);
  await page.until('data');
});

test('what a program has sent reaches the page before its end, however much', async () => {
  const here = await scene();
  const page = await webWire(here, 'recipient');
  const program = here.wire();
  program.socket.write(here.hello('sender'));
  await page.until(OK);
  program.socket.end('z'.repeat(3_000_000));
  expect((await page.ended()).length).toBe(OK.length + 3_000_000);
});

test('what a page has sent reaches the program before its end', async () => {
  const here = await scene();
  const page = await webWire(here, 'sender');
  const program = here.wire();
  program.socket.write(here.hello('recipient'));
  await program.until(OK);
  for (let i = 0; i < 50; i++) page.socket.send(Buffer.alloc(60_000, 'z'));
  page.socket.close();
  expect((await program.ended()).length).toBe(OK.length + 3_000_000);
});

test('a page that does not read holds up the program that sends', async () => {
  const here = await scene();
  const page = await webWire(here, 'recipient');
  const program = here.wire();
  program.socket.write(here.hello('sender'));
  await page.until(OK);
  page.socket.pause();
  const content = Buffer.alloc(50_000_000);
  let isSent = false;
  program.socket.write(content, () => {
    isSent = true;
  });
  // Others are served meanwhile, and the program's bytes still wait where they came from.
  expect(await here.joinsLocally(1)).toBe(true);
  expect(isSent).toBe(false);
  page.socket.resume();
  while (page.text.length < content.length) await once(page.socket, 'message');
});

test.each<[string, Record<string, unknown>, WireCode]>([
  ['an unknown field', { authorization: 'Basic x' }, 'bad-request'],
  ['a number too high', { stream: 4096 }, 'bad-request'],
  ['an unknown channel', { channel: 'c-d' }, 'unauthorized'],
  ['an unknown uuid', { uuid: '00000000-0000-4000-8000-000000000000' }, 'unauthorized'],
])('a hello with %s is refused', async (_name, wrong, code) => {
  const here = await scene({ accessDelayMs: 10 });
  const page = await webWire(here, 'sender', 0, wrong);
  expect(await page.ended()).toBe(refused(code));
});

test('a hello that is not text, or not JSON, is refused', async () => {
  const here = await scene();
  const [binary, noise] = [
    await new WebWire(here.relay.httpSocket).open(),
    await new WebWire(here.relay.httpSocket).open(),
  ];
  binary.socket.send(Buffer.from(helloOf(here, 'sender')));
  noise.socket.send('GET / HTTP/1.1');
  expect(await binary.ended()).toBe(refused('bad-request'));
  expect(await noise.ended()).toBe(refused('bad-request'));
});

test('too many that name unknown participants are closed without an answer', async () => {
  const here = await scene({ accessDelayMs: 3_600_000, delayedRefusals: 0 });
  const page = await webWire(here, 'sender', 0, { channel: 'c-d' });
  expect(await page.ended()).toBe('');
});

test('a number is used once by each side, however it comes', async () => {
  const here = await scene();
  const first = here.wire();
  first.socket.write(here.hello('sender'));
  const other = here.wire();
  other.socket.write(here.hello('recipient'));
  await first.until(OK);
  const again = await webWire(here, 'sender');
  expect(await again.ended()).toBe(refused('stream-used'));
});

test('a stream is refused when the other side never comes', async () => {
  const here = await scene({ pairMs: 50 });
  const page = await webWire(here, 'recipient');
  expect(await page.ended()).toBe(refused('no-peer'));
});

test('a participant has only as many streams as it may, by WebSocket too', async () => {
  const here = await scene({ streams: 2 });
  await webWire(here, 'sender', 0);
  await webWire(here, 'sender', 1);
  const third = await webWire(here, 'sender', 2);
  expect(await third.ended()).toBe(refused('too-many'));
});

test('a client that says nothing is cut off', async () => {
  const here = await scene({ headMs: 50 });
  const page = await new WebWire(here.relay.httpSocket).open();
  expect(await page.ended()).toBe('');
});

test('a message larger than any that a page sends ends the stream', async () => {
  const here = await scene();
  const page = await webWire(here, 'sender');
  const program = here.wire();
  program.socket.write(here.hello('recipient'));
  await page.until(OK);
  page.socket.send(Buffer.alloc(WEB_SOCKET_MESSAGE_MAX_BYTES + 1));
  await page.ended();
  expect(await program.ended()).toBe(OK);
});

test.each([
  ['of another origin', { origin: 'http://evil.test' }, 403],
  ['of an origin with another scheme', { origin: 'https://relay.test' }, 403],
  ['that names no origin', { origin: undefined }, 403],
  ['to another path', { path: '/join' }, 404],
])('a WebSocket %s is refused', async (_name, options, status) => {
  const here = await scene();
  expect(await upgradeRefused(new WebWire(here.relay.httpSocket, options))).toBe(status);
});

test('a closing relay tells pages and closes their streams', async () => {
  const here = await scene();
  const waiting = await webWire(here, 'sender');
  const silent = await new WebWire(here.relay.httpSocket).open();
  await here.relay.close();
  expect(await waiting.ended()).toBe(refused('channel-closed'));
  expect(await silent.ended()).toBe('');
});

test('a hello that is longer than any is not understood', async () => {
  const here = await scene();
  const wire = await new WebWire(here.relay.httpSocket).open();
  wire.socket.send(`${helloOf(here, 'sender', 0, { channel: 'c-d' })}${' '.repeat(1024)}`);
  expect(await wire.ended()).toBe(refused('bad-request'));
});
