import type { Bytes } from '../../../src/base/bytes.js';
import { encodeManifest } from '../../../src/session/conversation/encoded-manifest.js';
import {
  SenderSession,
  type SenderSessionOptions,
} from '../../../src/session/sending/sender-session.js';
import type { Growth, Source } from '../../../src/session/sending/source.js';
import { FRAME_CONTENT_BYTES } from '../../../src/stream/frame.js';
import type { Control } from '../../../src/stream/message.js';
import { Ranges } from '../../../src/stream/ranges.js';
import { nodePrimitives } from '../../../src/transfer/node-primitives.js';
import { type FarEnd, otherSide } from './other-side.js';

export const CHUNK = FRAME_CONTENT_BYTES;
/** Two whole chunks and a bit. */
export const LENGTH = 2 * CHUNK + 100;

export interface World {
  readonly opened: number[];
  readonly comes: (number: number) => Promise<FarEnd>;
  readonly ending: AbortController;
  readonly digest: string;
  /** What the session was told, in order. */
  readonly notes: string[];
  readonly written: [number, number | null, number | undefined][];
  readonly result: Promise<unknown>;
}

interface Given extends Partial<Omit<SenderSessionOptions, 'meeting' | 'source'>> {
  readonly hasAgreed?: boolean;
  readonly size?: number | null;
  readonly growth?: Growth;
  readonly verifyUnchanged?: () => Promise<void>;
}

export async function begun(given: Given = {}): Promise<World> {
  const { hasAgreed = false, size = LENGTH, growth, verifyUnchanged, ...options } = given;
  const side = otherSide('recipient', { hasAgreed, ...options });
  const read: Source['read'] = (position, into: Bytes) => {
    for (let at = 0; at < into.length; at++) into[at] = 1 + ((position + at) % 251);
    return Promise.resolve(into.length);
  };
  const source: Source = {
    manifest: {
      kind: 'files',
      entries: [{ type: 'file', path: ['x'], size, mode: 0o644, mtime: 0 }],
    },
    warnings: [],
    read,
    ...(growth && { growth }),
    ...(verifyUnchanged && { verifyUnchanged }),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  const notes: string[] = [];
  const note = (what: string) => (): Promise<void> => Promise.resolve(void notes.push(what));
  const written: World['written'] = [];
  const manifest = await encodeManifest(source.manifest, nodePrimitives);
  const session = new SenderSession({
    ...side.options,
    ...{ meeting: side.meeting, generation: 0, source, manifest, mayOffer: Promise.resolve() },
    onAgreed: note('agreed'),
    onOffered: () => void notes.push('offered'),
    onAccepted: note('accepted'),
    onWritten: (bytes, wanted, { at }) => void written.push([bytes, wanted, at]),
    ...options,
  });
  const result = session.run().catch((error: unknown) => error);
  return { ...side, digest: manifest.digest, notes, written, result };
}

/** Which bytes came, as long as none came twice. */
export function content(...far: FarEnd[]): [number, number][] {
  const got = new Ranges();
  for (const { heard } of far) {
    for (const message of heard) {
      if (message.frame === 'data')
        got.add(message.position, message.position + message.content.length);
    }
  }
  return [...got].map(([start, end]) => [start, end]);
}

export const whole: [number, number][] = [[0, LENGTH]];
export const receipt = (bytes: number): Control => ({ type: 'receipt', bytes, files: 1 });
export const outOfTurn = { code: 'ERR_PROTOCOL' };
