import { once } from 'node:events';
import { expect, test } from 'vitest';
import { localPair } from '../../../src/relay/staple/local-pair.js';

test('what one end writes the other reads, and the end of one direction leaves the other open', async () => {
  const [one, other] = localPair();
  const closed = Promise.all([once(one, 'close'), once(other, 'close')]);
  one.end('there');
  other.on('data', (piece: Buffer) => other.end(`${piece.toString()} and back`));
  const [back] = (await once(one, 'data')) as [Buffer];
  expect(back.toString()).toBe('there and back');
  await closed;
});

test('a reader that pauses holds the writer up', async () => {
  const [one, other] = localPair();
  let written = 0;
  const writing = (async () => {
    for (; written < 100; written++) if (!one.write(Buffer.alloc(16_384))) await once(one, 'drain');
    one.end();
  })();
  await new Promise(setImmediate);
  expect(written).toBeLessThan(10);
  let read = 0;
  other.on('data', (piece: Buffer) => {
    read += piece.length;
  });
  await Promise.all([writing, once(other, 'end')]);
  expect(read).toBe(100 * 16_384);
});

test('when one end is destroyed the other ends, and what it still writes is gone', async () => {
  const [one, other] = localPair();
  one.destroy();
  other.resume();
  await once(other, 'end');
  await new Promise<void>((resolve) => {
    other.write('too late', () => resolve());
  });
  other.end();
  await once(other, 'close');
});
