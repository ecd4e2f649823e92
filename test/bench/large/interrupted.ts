import { setTimeout as sleep } from 'node:timers/promises';
import type { Measure } from '../benchmark.js';
import { assertSame } from './assert-same.js';
import type { Trial } from './large.js';
import type { Program } from './program.js';

const MB = 1e6;
/** Of the file, all that is fetched between two ends on average: the last of them still meets it. */
const SHARE = 0.8;
const ALLOWED = 1.05;
/** What ends a process that can be resumed: nothing is left to it, its terminal or machine goes. */
export const ENDINGS = ['SIGKILL', 'SIGTERM', 'SIGHUP'] as const;

export interface InterruptedOptions {
  /** Unless the number of runs is told. */
  readonly times: number;
  readonly endings: readonly NodeJS.Signals[];
  /** Which side is ended, the how-many-th time. */
  readonly side: (time: number) => 'recipient' | 'sender';
}

/** Processes that are ended at random moments in a row, and started again. */
export function interrupted({ times, endings, side }: InterruptedOptions): Trial {
  return async (parties, content, options): Promise<Measure[]> => {
    const { fetched } = parties;
    const { runs = times, say, signal } = options;
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
    for (const ending of shuffled(endings, runs)) {
      const next = fetched.bytes + 2 * Math.random() * ((SHARE * content.bytes) / runs);
      const isOver = recipient.ended.then(() => true);
      if (await Promise.race([isOver, fetched.until(next).then(() => false)])) break;
      await sleep(Math.random() * 100, undefined, { signal });
      const which = side(done);
      const told = fetchedWhenTold;
      if (which === 'recipient') {
        await recipient.endBy(ending);
        inFlight += fetched.bytes - told;
        recipient = start();
      } else {
        await sender.endBy(ending);
        // Frames of which only a part has come.
        inFlight += fetched.bytes - told;
        sender = parties.send('resume');
      }
      done++;
      const seconds = Math.round((performance.now() - begin) / 1000);
      say(
        `${String(done)}: ${which} ended by ${ending}, ${seconds} s, ${(fetched.bytes / MB).toFixed(0)} MB fetched`,
      );
    }
    await recipient.succeeds();
    await sender.succeeds();
    await assertSame(parties.received, content);
    return [
      { name: 'interruptions', value: done, required: runs },
      { name: 'fetched in all, over its size', value: fetched.bytes / content.bytes },
      {
        name: 'the same without what was in flight',
        value: (fetched.bytes - inFlight) / content.bytes,
        allowed: ALLOWED,
      },
      {
        name: 'fetched more than once, for each interruption',
        value: (fetched.bytes - content.bytes) / MB / done,
        unit: 'MB',
      },
    ];
  };
}

/** So many of them, each as often as the others, in random order. */
function shuffled<T>(items: readonly T[], count: number): T[] {
  const drawn = Array.from({ length: count }, (_, index) => ({
    item: items[index % items.length],
    at: Math.random(),
  }));
  drawn.sort((a, b) => a.at - b.at);
  return drawn.flatMap(({ item }) => item ?? []);
}
