import { expect } from 'vitest';
import { type Bytes, utf8 } from '../../../src/base/bytes.js';
import type { Destination } from '../../../src/session/receiving/destination.js';
import { Reassembler } from '../../../src/session/receiving/reassembler.js';
import {
  RecipientSession,
  type RecipientSessionOptions,
  type TakenOffer,
} from '../../../src/session/receiving/recipient-session.js';
import type { Control, Message } from '../../../src/stream/message.js';
import { Ranges } from '../../../src/stream/ranges.js';
import { nodePrimitives } from '../../../src/transfer/node-primitives.js';
import { type FarEnd, type OtherSide, otherSide } from './other-side.js';

export const LENGTH = 1_000;
export const MIB = 1024 * 1024;

interface Shelf {
  readonly destination: Destination;
  readonly content: Uint8Array;
  corrupt: (start: number, end: number) => void;
}

/** Keeps what comes in memory; what it had before is all zeros. */
export function shelf(length: number, had: [number, number][] = [], unwanted = 0): Shelf {
  const content = new Uint8Array(length);
  const written = new Ranges(had);
  const nothing = (): Promise<void> => Promise.resolve();
  const made: Shelf = {
    content,
    corrupt: () => undefined,
    destination: {
      written,
      unwanted,
      verify: (onCorrupt) => {
        made.corrupt = (start, end) => {
          written.remove(start, end);
          onCorrupt(start, end);
        };
      },
      write: async (position: number, piece: Bytes) => {
        await Promise.resolve();
        content.set(piece, position);
        written.add(position, position + piece.length);
      },
      finish: () =>
        Promise.resolve({ files: [{ path: 'x', bytes: length, sha256: '' }], warnings: [] }),
      suspend: nothing,
      discard: nothing,
    },
  };
  return made;
}

export function offerOf(kept: Shelf, total: number | null): TakenOffer {
  const { destination } = kept;
  return {
    reassembler: new Reassembler({ destination, total, onWritten: () => undefined }),
    digest: 'D'.repeat(43),
  };
}

interface World extends OtherSide {
  readonly session: RecipientSession;
  readonly shelf: Shelf;
  readonly asked: string[];
  readonly result: Promise<unknown>;
}

interface Given extends Partial<Omit<RecipientSessionOptions, 'meeting'>> {
  readonly hasAgreed?: boolean;
  readonly kept?: Shelf;
  readonly size?: number | null;
}

export function begun({
  hasAgreed = false,
  kept = shelf(LENGTH),
  size = LENGTH,
  ...given
}: Given = {}): World {
  const side = otherSide('sender', { hasAgreed, ...given });
  const asked: string[] = [];
  const session = new RecipientSession({
    ...side.options,
    ...{ meeting: side.meeting, generation: 0, offer: undefined, isPatient: true },
    primitives: nodePrimitives,
    take: (_, digest) => {
      asked.push(digest);
      return Promise.resolve({ ...offerOf(kept, size), digest });
    },
    ...given,
  });
  const result = session.run().catch((error: unknown) => error);
  return { ...side, session, shelf: kept, asked, result };
}

const manifest = (size: number | null): object => ({
  kind: 'files',
  entries: [{ type: 'file', path: ['x'], size, mode: 0o644, mtime: 0 }],
});

export async function offered(far: FarEnd, size: number | null = LENGTH): Promise<void> {
  const part = await nodePrimitives.deflate([utf8(JSON.stringify(manifest(size)))]);
  await far.stream.send({ frame: 'manifest', part, last: true });
}

/** Offers, and hears that it is taken: before that nothing may follow. */
export async function accepted(far: FarEnd, size: number | null = LENGTH): Promise<void> {
  await offered(far, size);
  await expect.poll(() => said('accept', far)).toHaveLength(1);
}

export const data = (position: number, length: number): Message => ({
  frame: 'data',
  position,
  content: new Uint8Array(length).fill(7),
});

/** What was said of one kind, over these. */
export function said<Type extends Control['type']>(
  type: Type,
  ...far: FarEnd[]
): Extract<Control, { type: Type }>[] {
  return far
    .flatMap(({ heard }) => heard)
    .flatMap((message) => (message.frame === 'control' ? [message.control] : []))
    .filter((control): control is Extract<Control, { type: Type }> => control.type === type);
}

export const outOfTurn = { code: 'ERR_PROTOCOL' };
