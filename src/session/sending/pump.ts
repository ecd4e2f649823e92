import type { Bytes } from '../../base/bytes.js';
import type { Notifier } from '../../base/notifier.js';
import type { ChunkPlan } from '../../stream/chunk-plan.js';
import { DATA_PREFIX_BYTES, FRAME_CONTENT_BYTES } from '../../stream/frame.js';
import { isOpenEnded } from '../../stream/manifest.js';
import { encodeMessage, writeDataPrefix } from '../../stream/message.js';
import type { TokenBucket } from '../../stream/token-bucket.js';
import type { SecureStream } from '../conversation/secure-stream.js';
import type { Source } from './source.js';

/** How long a stream without work waits before it looks again: what others hold grows old. */
const LOOK_AGAIN_MS = 100;

export interface PumpOptions {
  readonly stream: SecureStream;
  readonly plan: ChunkPlan;
  readonly source: Source;
  /** Notified when there may be work again, for all streams or this one. */
  readonly notifier: Notifier;
  readonly throttle?: TokenBucket | undefined;
  readonly signal: AbortSignal;
}

/**
 * Sends over one stream what the plan gives it, until the signal aborts. The next piece is read
 * while the one before is sealed and written.
 */
export async function pump(options: PumpOptions): Promise<void> {
  const { stream, plan, source, notifier, throttle, signal } = options;
  const blocks = [newBlock(), newBlock()] as const;
  let turn = 0;
  // Of what has an announced length, the recipient knows the end.
  let endIsTold = !isOpenEnded(source.manifest);
  let next = fetch();
  while (!signal.aborted) {
    if (next === undefined) {
      if (!endIsTold && source.growth?.isOver === true) {
        const total = source.growth.length;
        await stream.send({ frame: 'control', control: { type: 'content-end', total } });
        endIsTold = true;
      }
      await notifier.wait(LOOK_AGAIN_MS, signal, stream);
      next = fetch();
      continue;
    }
    const block = await next;
    next = fetch();
    await throttle?.take(block.length, signal);
    await stream.sendPlaintext(block);
  }

  function fetch(): Promise<Bytes> | undefined {
    if (signal.aborted) return undefined;
    const piece = plan.take(stream.stream, performance.now());
    if (piece === undefined) return undefined;
    const block = blocks[turn++ % 2] ?? newBlock();
    const fetching = readInto(block, piece.position, piece.length);
    // Awaited in the next round, which a failing send never reaches.
    fetching.catch(() => undefined);
    return fetching;
  }

  async function readInto(block: Bytes, position: number, length: number): Promise<Bytes> {
    const whole = block.subarray(0, DATA_PREFIX_BYTES + length);
    writeDataPrefix(whole, position);
    for (let at = DATA_PREFIX_BYTES; at < whole.length; ) {
      const read = await source.read(position + at - DATA_PREFIX_BYTES, whole.subarray(at));
      if (read === 0) throw new Error('the content is shorter than its manifest');
      at += read;
    }
    // Holes of a file, for instance: they cost a few bytes instead of as many as they are long.
    return isZeros(whole) ? encodeMessage({ frame: 'zeros', position, length }) : whole;
  }
}

/** Whether the content of a data frame is nothing but zeros. */
function isZeros(block: Bytes): boolean {
  for (let at = DATA_PREFIX_BYTES; at < block.length; at++) if (block[at] !== 0) return false;
  return true;
}

function newBlock(): Bytes {
  return new Uint8Array(DATA_PREFIX_BYTES + FRAME_CONTENT_BYTES);
}
