import { Duplex } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { granaxOn } from '../../../src/tor/control/granax.js';
import { REPLY_BYTES_MAX, ReplyFraming } from '../../../src/tor/control/reply-framing.js';

/** tor's end of a control connection, which sends the chunks it is given. */
function wire(): { socket: Duplex; say: (chunk: Buffer | string) => void } {
  const socket = new Duplex({
    read: () => undefined,
    write: (_chunk, _encoding, done) => done(),
  });
  return { socket, say: (chunk) => void socket.push(chunk) };
}

/** Replies to four commands, with events between and around them, as tor writes them. */
const CONVERSATION = [
  '650 CIRC 5 BUILT\r\n',
  '250-version=0.4.9.11\r\n250 OK\r\n',
  '650+CONF_CHANGED\r\nHiddenServiceDir=/a b\r\n..dots\r\n.\r\n650 OK\r\n',
  '250+config-text=\r\nSocksPort 9050\r\n..\r\n\r\n250 OK\r\nabc def\r\nLog "é"\r\n.\r\n250 OK\r\n',
  '552-Unrecognized key "x"\r\n552 Nothing was set\r\n',
  '650-STATUS\r\n650-more\r\n650 OK\r\n650 STREAM 1 NEW\r\n',
  '250 closing connection\r\n',
].join('');

const HEARD = [
  ['CIRC', ['5 BUILT']],
  ['version', ['version=0.4.9.11', 'OK']],
  ['CONF_CHANGED', ['CONF_CHANGED', 'HiddenServiceDir=/a b', '.dots', 'OK']],
  [
    'config-text',
    ['config-text=', 'SocksPort 9050', '.', '', '250 OK', 'abc def', 'Log "é"', 'OK'],
  ],
  ['x', '552 Unrecognized key "x"'],
  ['STATUS', ['STATUS', 'more', 'OK']],
  ['STREAM', ['1 NEW']],
  ['quit', ['closing connection']],
];

async function hear(chunks: readonly (Buffer | string)[]): Promise<unknown[]> {
  const { socket, say } = wire();
  const granax = granaxOn(new ReplyFraming(socket));
  const heard: unknown[] = [];
  for (const event of ['CIRC', 'CONF_CHANGED', 'STATUS', 'STREAM']) {
    granax.on(event, (lines: string[]) => heard.push([event, [...lines]]));
  }
  const commands = ['getinfo version', 'getinfo config-text', 'setconf x', 'quit'];
  const answered = commands.map(
    (command) =>
      new Promise<void>((resolve) => {
        granax._send(command, (error, lines) => {
          heard.push([command.split(' ').at(-1), error === null ? lines : error.message]);
          resolve();
        });
      }),
  );
  await new Promise((resolve) => setImmediate(resolve)); // tor answers what it has been sent
  for (const chunk of chunks) {
    say(chunk);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await Promise.all(answered);
  socket.destroy();
  return heard;
}

async function failure(replies: string, commands = 0): Promise<string> {
  const { socket, say } = wire();
  const framing = new ReplyFraming(socket);
  const failed = new Promise<Error>((resolve) => framing.once('error', resolve));
  framing.resume();
  for (let i = 0; i < commands; i++) framing.write('getinfo x\r\n');
  say(replies);
  const { message } = await failed;
  expect(socket.destroyed).toBe(true);
  return message;
}

describe('the framing of control replies', () => {
  const bytes = Buffer.from(CONVERSATION);

  test('hands granax whole replies however they are cut', async () => {
    for (let at = 1; at < bytes.length; at++) {
      const heard = await hear([bytes.subarray(0, at), bytes.subarray(at)]);
      expect(heard, `cut after byte ${at}`).toEqual(HEARD);
    }
  });

  test('hands granax whole replies that come byte by byte', async () => {
    expect(await hear(Array.from(bytes, (byte) => Buffer.of(byte)))).toEqual(HEARD);
  });

  test('hands granax whole replies that come glued together', async () => {
    expect(await hear([bytes])).toEqual(HEARD);
  });

  test('loses no reply when the connection closes right after it', async () => {
    const { socket, say } = wire();
    const granax = granaxOn(new ReplyFraming(socket));
    const closed = new Promise((resolve) => granax.once('close', resolve));
    const answer = new Promise((resolve) => {
      granax._send('quit', (_error, lines) => resolve(lines));
    });
    await new Promise((resolve) => setImmediate(resolve));
    say('250 closing connection\r\n');
    socket.push(null);
    socket.destroy();
    expect(await answer).toEqual(['closing connection']);
    await closed;
  });

  test("keeps tor's events apart from those of the connection itself", async () => {
    const { socket, say } = wire();
    const granax = granaxOn(new ReplyFraming(socket));
    const heard: string[] = [];
    for (const name of ['error', 'close', 'ready', 'CIRC']) granax.on(name, () => heard.push(name));
    say('650 error x\r\n650 close x\r\n650 ready\r\n650 CIRC x\r\n');
    await new Promise((resolve) => setImmediate(resolve));
    expect(heard).toEqual(['CIRC']);
    socket.destroy();
  });

  test('ends the connection at a reply to no command', async () => {
    expect(await failure('250 OK\r\n')).toMatch(/answers nothing/);
    expect(await failure('250 OK\r\n250 OK\r\n', 1)).toMatch(/answers nothing/);
  });

  test('ends the connection at something that is not a reply', async () => {
    expect(await failure('HTTP/1.1 400 Bad Request\r\n', 1)).toMatch(/not tor/);
  });

  test('ends the connection at a reply without end, of one line or many', async () => {
    expect(await failure(`250-${'x'.repeat(REPLY_BYTES_MAX)}`, 1)).toMatch(/longer/);
    const lines = `250-${'x'.repeat(1000)}\r\n`.repeat(REPLY_BYTES_MAX / 1000);
    expect(await failure(lines, 1)).toMatch(/longer/);
    expect(await failure(`250+x=\r\n${'\r\n'.repeat(REPLY_BYTES_MAX)}`, 1)).toMatch(/longer/);
  });

  test('accepts any number of replies that are each within the limit', async () => {
    const { socket, say } = wire();
    const granax = granaxOn(new ReplyFraming(socket));
    let events = 0;
    granax.on('CIRC', () => events++);
    for (let i = 0; i < 30; i++) say(`650 CIRC ${'x'.repeat(REPLY_BYTES_MAX / 10)}\r\n`);
    while (events < 30 && !socket.destroyed) await new Promise((resolve) => setImmediate(resolve));
    expect(events).toBe(30);
    socket.destroy();
  });
});
