import { expect } from 'vitest';
import { utf8 } from '../../../src/base/bytes.js';
import { untilAborted } from '../../../src/base/deadline.js';
import { type Deferred, deferred } from '../../../src/base/deferred.js';
import type { Destination, ReceivedFiles } from '../../../src/session/receiving/destination.js';
import {
  type ReceiveTransferOptions,
  receiveTransfer,
} from '../../../src/session/receiving/receive-transfer.js';
import type { Met, Reconnect } from '../../../src/session/reconnecting/reconnect.js';
import type { Manifest } from '../../../src/stream/manifest.js';
import type { Message } from '../../../src/stream/message.js';
import { Ranges } from '../../../src/stream/ranges.js';
import { nodePrimitives } from '../../../src/transfer/node-primitives.js';
import { type FarEnd, kinds, type OtherSide, otherSide } from './other-side.js';

export const LENGTH = 1_000;

export interface World {
  readonly first: OtherSide;
  readonly notes: string[];
  readonly waits: Deferred<Met>[];
  /** Gives the files their names. */
  readonly finishing: Deferred<undefined>;
  readonly result: Promise<unknown>;
  readonly returns: (generation: number) => OtherSide;
}

export interface Given extends Partial<ReceiveTransferOptions> {
  /** Whether the end waits for the test. */
  readonly finishes?: boolean;
}

export function destinationOf(notes: string[], end: Promise<unknown>): Destination {
  const written = new Ranges();
  return {
    written,
    verify: () => undefined,
    write: async (position, content) => {
      await Promise.resolve();
      written.add(position, position + content.length);
    },
    finish: async (): Promise<ReceivedFiles> => {
      notes.push('finishing');
      await end;
      return { files: [{ path: 'x', bytes: LENGTH, sha256: '' }], warnings: [] };
    },
    suspend: () => Promise.resolve(void notes.push('kept')),
    discard: () => Promise.resolve(void notes.push('removed')),
  };
}

export function begun({ finishes = true, ...options }: Given = {}): World {
  const notes: string[] = [];
  const released = (): void => void notes.push('released');
  const own = otherSide('sender');
  const first = { ...own, meeting: { ...own.meeting, releaseAhead: released } };
  const waits: Deferred<Met>[] = [];
  const finishing = deferred<undefined>();
  if (finishes) finishing.resolve(undefined);
  const reconnect: Reconnect = {
    meet: async ({ signal } = {}) => {
      const coming = deferred<Met>();
      coming.promise.catch(() => undefined);
      waits.push(coming);
      return await untilAborted(coming.promise, signal);
    },
    close: () => Promise.resolve(void notes.push('closed')),
  };
  const result = receiveTransfer({
    ...{ reconnect, primitives: nodePrimitives },
    met: { meeting: first.meeting, generation: 0 },
    accept: () => {
      notes.push('asked');
      return Promise.resolve(destinationOf(notes, finishing.promise));
    },
    onAway: (why) => void notes.push(`away: ${why?.code}`),
    onMet: (generation) => void notes.push(`met ${generation}`),
    ...options,
  }).catch((error: unknown) => error);
  const returns = (generation: number): OtherSide => {
    const again = otherSide('sender');
    waits.at(-1)?.resolve({ meeting: again.meeting, generation });
    return again;
  };
  return { first, notes, waits, finishing, result, returns };
}

export const manifestOf = (size: number | null): Manifest => ({
  kind: 'files',
  entries: [{ type: 'file', path: ['x'], size, mode: 0o644, mtime: 0 }],
});

export async function offered(far: FarEnd, size: number | null = LENGTH): Promise<void> {
  const part = await nodePrimitives.deflate([utf8(JSON.stringify(manifestOf(size)))]);
  await far.stream.send({ frame: 'manifest', part, last: true });
}

export const says = (far: FarEnd, kind: string): Promise<void> =>
  expect.poll(() => kinds(far.heard)).toContain(kind);

export async function accepted(far: FarEnd): Promise<void> {
  await offered(far);
  await says(far, 'accept');
}

export const data = (position: number, length: number): Message => ({
  frame: 'data',
  position,
  content: new Uint8Array(length).fill(7),
});

/** All but what connections are released for. */
export const noted = ({ notes }: World): string[] => notes.filter((what) => what !== 'released');
