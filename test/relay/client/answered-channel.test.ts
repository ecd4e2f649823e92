import { expect, test } from 'vitest';
import { utf8 } from '../../../src/base/bytes.js';
import { AnsweredChannel } from '../../../src/relay-protocol/answered-channel.js';
import type { ByteChannel } from '../../../src/stream/byte-channel.js';

/** A connection that gives these pieces and then ends. */
function giving(pieces: readonly string[]): { channel: ByteChannel; reads: () => number } {
  let reads = 0;
  const channel: ByteChannel = {
    closed: new Promise(() => undefined),
    write: () => Promise.resolve(),
    read: () => {
      const piece = pieces[reads++];
      return Promise.resolve(piece === undefined ? undefined : utf8(piece));
    },
    end: () => undefined,
    destroy: () => undefined,
  };
  return { channel, reads: () => reads };
}

const SPACES = ' '.repeat(512);

test('of an answer without an end no more is read than an answer may have', async () => {
  const { channel, reads } = giving([...new Array<string>(20).fill(SPACES), '{"ok":true}\n']);
  await expect(new AnsweredChannel(channel).read()).rejects.toMatchObject({ code: 'ERR_PROTOCOL' });
  expect(reads()).toBe(3);
});

test('an answer that comes at once may not be longer either', async () => {
  const taken = giving([`{"ok":true}${SPACES}\nbytes`]);
  expect(await new AnsweredChannel(taken.channel).read()).toEqual(utf8('bytes'));
  const { channel } = giving([`{"ok":true}${SPACES}${SPACES}\n`]);
  await expect(new AnsweredChannel(channel).read()).rejects.toMatchObject({ code: 'ERR_PROTOCOL' });
});
