import { setTimeout as sleep } from 'node:timers/promises';
import type { Measure } from '../benchmark.js';
import { assertSame } from './assert-same.js';
import type { Trial } from './large.js';
import type { Program } from './program.js';

const MB = 1e6;
const KILLS = 20;
/** Of the file, all that is fetched between kills on average: the last of them still meets it. */
const SHARE = 0.8;
const ALLOWED = 1.05;

/** Processes that are killed at random moments in a row, now one side, now the other. */
export const killed: Trial = async (parties, content, options): Promise<Measure[]> => {
  const { fetched } = parties;
  const { runs: kills = KILLS, say, signal } = options;
  let sender = parties.send();
  const { invitation } = await sender.told('online');
  let fetchedWhenTold = 0;
  const start = (invitation?: string): Program => {
    const program = parties.receive(invitation);
    fetchedWhenTold = fetched.bytes;
    program.onProgress = () => {
      fetchedWhenTold = fetched.bytes;
    };
    return program;
  };
  let recipient = start(invitation);
  // Counted from the last word about progress, and so less than it was.
  let inFlight = 0;
  const begin = performance.now();
  let done = 0;
  for (; done < kills; done++) {
    const next = fetched.bytes + 2 * Math.random() * ((SHARE * content.bytes) / kills);
    const isOver = recipient.ended.then(() => true);
    if (await Promise.race([isOver, fetched.until(next).then(() => false)])) break;
    await sleep(Math.random() * 100, undefined, { signal });
    if (done % 2 === 0) {
      await recipient.kill();
      inFlight += fetched.bytes - fetchedWhenTold;
      recipient = start();
    } else {
      await sender.kill();
      sender = parties.send('resume');
    }
    const seconds = Math.round((performance.now() - begin) / 1000);
    say(
      `large: killed ${done + 1} times in ${seconds} s, ${(fetched.bytes / MB).toFixed(0)} MB fetched`,
    );
  }
  await recipient.succeeds();
  await sender.succeeds();
  await assertSame(parties.received, content);
  return [
    { name: 'kills', value: done, required: kills },
    { name: 'fetched in all, over its size', value: fetched.bytes / content.bytes },
    {
      name: 'the same without what was in flight when killed',
      value: (fetched.bytes - inFlight) / content.bytes,
      allowed: ALLOWED,
    },
    {
      name: 'fetched more than once, for each kill',
      value: (fetched.bytes - content.bytes) / MB / done,
      unit: 'MB',
    },
  ];
};
