import { setTimeout as sleep } from 'node:timers/promises';
import { FRAME_CONTENT_BYTES } from '../../../src/stream/frame.js';
import { fillDisk } from '../../support/mounts.js';
import type { Measure } from '../benchmark.js';
import { assertSame } from './assert-same.js';
import type { Trial } from './large.js';
import type { Disk, Parties } from './parties.js';
import { writtenBytes } from './written-bytes.js';

const MB = 1e6;
const ALLOWED = 1.05;
/** A data directory is full for at most so long: nothing ends of it. */
const FULL_MS = 500;
/** The exit status of a recipient whose disk is full. */
const FAILED = 1;

/** What the client's end of a unix socket holds at most that nobody has read: wmem_default of Linux. */
const SOCKET_BYTES = 212_992;
/** Of one circuit, at most so much is in flight: a frame of which only a part has come, and a full socket. */
const IN_FLIGHT_BYTES = FRAME_CONTENT_BYTES + SOCKET_BYTES;

/** How a process is ended, or which disk is full. */
export type Ending = NodeJS.Signals | { readonly full: Disk };

/**
 * What ends a process that can be resumed: nothing is left to it, its terminal or machine goes, or
 * there is no room. A full data directory ends nobody, and the journal is not written meanwhile.
 */
export const ENDINGS: readonly Ending[] = [
  ...(['SIGKILL', 'SIGTERM', 'SIGHUP'] as const),
  ...(['out', 'recipient', 'sender'] as const).map((full) => ({ full })),
];

export interface InterruptedOptions {
  /** Unless the number of runs is told. */
  readonly times: number;
  readonly endings: readonly Ending[];
  /** Which side a signal ends, the how-many-th time. */
  readonly side: (time: number) => 'recipient' | 'sender';
}

/** Processes that are interrupted at random moments in a row, and started again. */
export function interrupted({ times, endings, side }: InterruptedOptions): Trial {
  return async (parties, content, options): Promise<Measure[]> => {
    const { fetched } = parties;
    const { runs = times, say, signal } = options;
    let sender = parties.send();
    const { invitation } = await sender.told('online');
    const account = new Account(parties);
    let recipient = parties.receive(invitation);
    const again = async (): Promise<void> => {
      account.ended(await writtenBytes(parties.disks.out, content));
      recipient = parties.receive();
      account.resumed(await recipient.told('resuming'));
    };
    const interrupt = async (ending: Ending, which: 'recipient' | 'sender'): Promise<void> => {
      account.interrupt();
      if (typeof ending === 'object') {
        const free = await fillDisk(parties.disks[ending.full]);
        if (ending.full === 'out') {
          const status = await recipient.ended;
          if (status !== FAILED) throw recipient.failure(`ended with ${String(status)}`);
          const { failedWith } = recipient;
          if (failedWith !== 'ERR_DISK_FULL')
            throw recipient.failure(`failed: ${failedWith ?? ''}`);
          account.interrupted();
        } else {
          await sleep(Math.random() * FULL_MS, undefined, { signal });
        }
        await free();
        if (ending.full === 'out') await again();
      } else if (which === 'recipient') {
        await recipient.endBy(ending);
        account.interrupted();
        await again();
      } else {
        await sender.endBy(ending);
        account.interrupted();
        sender = parties.send('resume');
      }
    };
    const begin = performance.now();
    let done = 0;
    for (const ending of shuffled(endings, runs)) {
      const left = content.bytes - Math.max(account.had, recipient.progress);
      // So that the last interruption still meets it.
      const next = fetched.bytes + (Math.random() * left) / (runs - done);
      const isOver = recipient.ended.then(() => true);
      if (await Promise.race([isOver, fetched.until(next).then(() => false)])) break;
      await sleep(Math.random() * 100, undefined, { signal });
      const which = side(done);
      await interrupt(ending, which);
      done++;
      const seconds = Math.round((performance.now() - begin) / 1000);
      const what = typeof ending === 'object' ? `disk full: ${ending.full}` : `${which}, ${ending}`;
      say(`${String(done)}: ${what}, ${seconds} s, ${(fetched.bytes / MB).toFixed(0)} MB fetched`);
    }
    await recipient.succeeds();
    await sender.succeeds();
    await assertSame(parties.received, content);
    const inAll = fetched.bytes / content.bytes;
    const inFlight = account.inFlight(content.bytes);
    return [
      { name: 'interruptions', value: done, required: runs },
      { name: 'fetched in all, over its size', value: inAll },
      {
        name: 'the same without what was in flight, at most a frame and a full socket for each circuit',
        value: inAll - inFlight / content.bytes,
        allowed: ALLOWED,
      },
      {
        name: 'written to the disk, and fetched again, over its size',
        value: account.lost / content.bytes,
        allowed: ALLOWED - 1,
      },
      {
        name: 'fetched more than once, for each interruption',
        value: (fetched.bytes - content.bytes) / MB / done,
        unit: 'MB',
      },
      {
        name: 'in flight, for each interruption',
        value: inFlight / MB / done,
        unit: 'MB',
      },
    ];
  };
}

/**
 * What became of the bytes that were fetched, from one recipient's process to the next: the next one
 * says how many are kept, which are those in the journal.
 *
 * What was fetched and is not kept was in flight when something ended: of each circuit, a frame of
 * which only a part had come, and what the program had not read from its socket. More than that for
 * each circuit and interruption does not count as in flight. A circuit is a connection that has brought content: the program itself tells of them only
 * now and then.
 */
class Account {
  /** What was written to the disk, and is not kept. */
  lost = 0;
  /** What the process that runs now was left by the one before. */
  had = 0;
  readonly #fetched: Parties['fetched'];
  #inFlight = 0;
  /** When the process that runs now was started. */
  #fetchedBefore = 0;
  /** The most that can have been in flight since then. */
  #inFlightMax = 0;
  #last: { readonly fetched: number; readonly written: number } | undefined;

  constructor({ fetched }: Parties) {
    this.#fetched = fetched;
  }

  /** Something is about to end a process, which may take its time: a disk fills. */
  interrupt(): void {
    this.#fetched.mostCarrying();
  }

  /** It has. A full data directory ends nobody. */
  interrupted(): void {
    this.#inFlightMax += this.#fetched.mostCarrying() * IN_FLIGHT_BYTES;
  }

  /** The recipient's process is gone. */
  ended(written: number): void {
    this.#last = { fetched: this.#fetched.bytes, written };
  }

  /** The next one has told what is kept. */
  resumed({ bytes: kept }: { readonly bytes: number | null }): void {
    const { fetched = 0, written = 0 } = this.#last ?? {};
    this.#close(fetched, kept ?? 0);
    this.lost += Math.max(0, written - (kept ?? 0));
    this.#fetchedBefore = fetched;
    this.had = kept ?? 0;
    this.#inFlightMax = 0;
  }

  /** Everything is kept. @returns what was in flight, in all */
  inFlight(size: number): number {
    this.#close(this.#fetched.bytes, size);
    return this.#inFlight;
  }

  #close(fetched: number, kept: number): void {
    const unkept = fetched - this.#fetchedBefore - (kept - this.had);
    this.#inFlight += Math.min(Math.max(0, unkept), this.#inFlightMax);
  }
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
