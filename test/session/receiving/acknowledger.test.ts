import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Acknowledger } from '../../../src/session/receiving/acknowledger.js';
import { ends } from '../support/ends.js';

/** What the sender hears: the counts, in order, until a frame of another kind. */
async function heard(sender: Awaited<ReturnType<typeof ends>>['sender']): Promise<number[]> {
  const counts: number[] = [];
  for await (const message of sender.messages()) {
    if (message.frame !== 'control' || message.control.type !== 'ack') break;
    counts.push(message.control.frames);
  }
  return counts;
}

const mark = { frame: 'control', control: { type: 'keepalive' } } as const;
/** Longer than the sender is left without news. */
const LATER_MS = 120;

test('frames count as written in the order in which they came', async () => {
  const { sender, recipient } = await ends();
  using acknowledger = new Acknowledger(recipient);
  const hearing = heard(sender);
  const [first, second, third] = [acknowledger.take(), acknowledger.take(), acknowledger.take()];
  third();
  second();
  await setTimeout(LATER_MS);
  first();
  await setTimeout(LATER_MS);
  await recipient.send(mark);
  expect(await hearing).toEqual([3]);
});

test('what is written soon after one another is told at once', async () => {
  const { sender, recipient } = await ends();
  using acknowledger = new Acknowledger(recipient);
  const hearing = heard(sender);
  const frames = Array.from({ length: 100 }, () => acknowledger.take());
  for (const written of frames.slice(0, 60)) written();
  await setTimeout(LATER_MS);
  for (const written of frames.slice(60)) written();
  await setTimeout(LATER_MS);
  await recipient.send(mark);
  expect(await hearing).toEqual([60, 100]);
});

test('what is written when the stream has ended is told to nobody', async () => {
  const { sender, recipient } = await ends();
  const acknowledger = new Acknowledger(recipient);
  const hearing = heard(sender);
  const [early, late] = [acknowledger.take(), acknowledger.take()];
  early();
  acknowledger[Symbol.dispose]();
  late();
  await setTimeout(LATER_MS);
  await recipient.send(mark);
  expect(await hearing).toEqual([]);
});
