import { once } from 'node:events';
import { Duplex, PassThrough } from 'node:stream';
import type { Bytes } from '../../../src/base/bytes.js';
import { utf8 } from '../../../src/base/bytes.js';
import { hasCode } from '../../../src/base/errors.js';
import { readLine } from '../../../src/onion-http/read-line.js';
import { formatTorEndpoint, parseTorEndpoint } from '../../../src/tor/control/endpoint.js';
import { parseKeywords, quote, unquote } from '../../../src/tor/control/quoting.js';
import { ReplyFraming } from '../../../src/tor/control/reply-framing.js';
import { damagedBytes, damagedText, pieces } from '../damaged.js';
import { expectSame, expectThat, outcomeOf } from '../outcome.js';
import { bytesTarget, type Target, textTarget } from '../target.js';

const REPLIES = [
  '250 OK\r\n',
  '250-version=0.4.9.11\r\n250 OK\r\n',
  '250+config-text=\r\nSocksPort 9050\r\n..\r\n250 OK\r\n.\r\n250 OK\r\n',
  '552-Unrecognized key "x"\r\n552 Nothing was set\r\n',
  '650 CIRC 5 BUILT\r\n',
  '650+CONF_CHANGED\r\nHiddenServiceDir=/a b\r\n.\r\n650 OK\r\n',
].map(utf8);
/** Replies are taken for these many commands. */
const COMMANDS = 3;

const PROXY = 'PROXY TCP6 fc00:dead:beef:4dad::1:2 ::1 5 80\r\nGET / HTTP/1.1\r\n';

/** What tor says, and what stands where only tor should. */
export const TOR_TARGETS: readonly Target[] = [
  bytesTarget({
    name: 'control replies',
    inputs: damagedBytes(...REPLIES),
    async judge(bytes) {
      const whole = await replies([bytes]);
      expectSame(await replies(pieces(bytes, 1)), whole, 'replies in pieces');
      return !whole.includes('refused');
    },
  }),
  textTarget({
    name: 'keywords',
    inputs: damagedText(
      'NOTICE BOOTSTRAP PROGRESS=5 TAG=x SUMMARY="a \\"b\\" \\303\\244"',
      'A=B C="D',
    ),
    async judge(line) {
      parseKeywords(line);
      unquote(line);
      const quoted = await outcomeOf(() => quote(line), 'ERR_TOR_CONTROL');
      if ('refused' in quoted) return false;
      expectThat(!/[\r\n]/.test(quoted.value), 'one line');
      expectSame(unquote(quoted.value), line, 'the text quoted and unquoted');
      return true;
    },
  }),
  textTarget({
    name: 'addresses of ports',
    inputs: damagedText('127.0.0.1:9051', 'unix:/run/tor/control', '[::1]:9050', '9051'),
    async judge(text) {
      const outcome = await outcomeOf(() => parseTorEndpoint(text), 'ERR_USAGE');
      if ('refused' in outcome) return false;
      const again = parseTorEndpoint(formatTorEndpoint(outcome.value));
      expectSame(again, outcome.value, 'the address written and read again');
      return true;
    },
  }),
  bytesTarget({
    name: 'first lines',
    inputs: damagedBytes(utf8(PROXY)),
    async judge(bytes) {
      const whole = await firstLine([bytes]);
      expectSame(await firstLine(pieces(bytes, 1)), whole, 'a line in pieces');
      if (whole === undefined) return false;
      const [line, rest] = whole;
      expectThat(Buffer.byteLength(line) <= bytes.length * 3 && !line.includes('\n'), 'one line');
      expectThat(
        Buffer.from(bytes)
          .subarray(-rest.length || bytes.length)
          .equals(rest),
        'the rest unread',
      );
      return true;
    },
  }),
];

/** Everything that is taken for a reply or an event, then whether it was refused. */
async function replies(parts: readonly Bytes[]): Promise<unknown[]> {
  const socket = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() });
  const framing = new ReplyFraming(socket);
  const heard: unknown[] = [];
  framing.on('data', (reply: string) => heard.push(reply));
  framing.on('error', (error) => {
    expectThat(hasCode(error, 'ERR_TOR_CONTROL'), `an error of its own, not ${String(error)}`);
    heard.push('refused');
  });
  for (let count = 0; count < COMMANDS; count++) framing.write('x');
  for (const part of parts) socket.push(Buffer.from(part));
  socket.push(null);
  const closed = once(framing, 'close').catch(() => undefined);
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
  framing.destroy();
  await closed;
  return heard;
}

/** @returns the line and what follows it; undefined if it is refused */
async function firstLine(parts: readonly Bytes[]): Promise<[string, Buffer] | undefined> {
  const stream = new PassThrough();
  for (const part of parts) stream.write(part);
  stream.end();
  try {
    const line = await readLine(stream, { maxBytes: 107 });
    const rest: Buffer[] = [];
    for await (const chunk of stream) rest.push(chunk as Buffer); // a stream of bytes
    return [line, Buffer.concat(rest)];
  } catch {
    return undefined;
  } finally {
    stream.destroy();
  }
}
