import { expect, test } from 'vitest';
import { senderNotes } from '../../../src/transfer/destination/sender-notes.js';

test('the recipient is told what the sender has left out, and which names were not UTF-8', () => {
  const paths = Array.from({ length: 25 }, (_, i) => ['d', `\u001b${i}`]);
  const [leftOut, escaped] = senderNotes({
    kind: 'files',
    entries: [],
    leftOut: { count: 30, paths },
    escaped: { count: 1, paths: [['caf%E9']] },
  });
  expect(leftOut).toMatch(/^30 entries were left out by the sender: d\/\\u\{1b\}0, .*, 10 more$/);
  expect(escaped).toBe("1 name is not UTF-8 at the sender's, and % stands for such bytes: caf%E9");
});

test('and of nothing, if there is nothing to say', () => {
  expect(senderNotes({ kind: 'files', entries: [] })).toEqual([]);
});
