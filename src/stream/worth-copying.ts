import type { HeldPiece, StreamQueue } from './stream-queue.js';

/** Copies of one piece in flight at once, on streams that move: more only take turns from others. */
const COPIES_MAX = 3;
/** A copy must be expected in less than a half of the time: rates are estimates, and copies cost. */
const GAIN_FACTOR = 2;
/** And it must save more than about a round trip. */
const GAIN_SECONDS = 0.25;

/**
 * The piece of which a copy on `asker` is expected to arrive well before what is in flight.
 *
 * From the tail of the slowest holder's queue: what is at its head will be there soonest.
 */
export function worthCopying(
  asker: StreamQueue,
  streams: Iterable<StreamQueue>,
  now: number,
): HeldPiece | undefined {
  const holders = [...streams]
    .filter((stream) => stream !== asker && stream.bytes > 0)
    .map((stream) => ({ stream, seconds: stream.secondsFor(0, now) }))
    .sort((a, b) => (a.seconds === b.seconds ? 0 : b.seconds - a.seconds));
  for (const { stream } of holders) {
    for (const held of stream.latestFirst()) {
      // No piece nearer to the head can gain more than the bare minimum.
      if (stream.secondsUntil(held, now) <= GAIN_SECONDS) break;
      if (isWorthCopying(held, asker, now)) return held;
    }
  }
  return undefined;
}

function isWorthCopying(held: HeldPiece, asker: StreamQueue, now: number): boolean {
  const { piece, holders } = held;
  if (!held.needed || holders.has(asker) || !asker.hasRoomFor(piece.length, now)) return false;
  let soonest = Number.POSITIVE_INFINITY;
  let moving = 0;
  for (const holder of holders.keys()) {
    const seconds = holder.secondsUntil(held, now);
    soonest = Math.min(soonest, seconds);
    // Stalled streams do not count, or a few of them could hold up the end without limit.
    if (seconds !== Number.POSITIVE_INFINITY) moving++;
  }
  const own = asker.secondsFor(piece.length, now);
  return moving < COPIES_MAX && soonest > GAIN_FACTOR * own + GAIN_SECONDS;
}
