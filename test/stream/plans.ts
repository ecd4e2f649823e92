import { ChunkPlan, type Piece } from '../../src/stream/chunk-plan.js';

export const CHUNK: number = 256 * 1024;

export function planOf(chunks: number, streams: number): ChunkPlan {
  const plan = new ChunkPlan({ chunkBytes: CHUNK, total: chunks * CHUNK });
  for (let stream = 0; stream < streams; stream++) plan.join(stream, 0);
  return plan;
}

/** Takes until the plan has no more for this stream. */
export function takeAll(plan: ChunkPlan, stream: number, now: number): Piece[] {
  const pieces: Piece[] = [];
  for (;;) {
    const piece = plan.take(stream, now);
    if (piece === undefined) return pieces;
    pieces.push(piece);
  }
}

export function chunkNumbers(pieces: readonly Piece[]): number[] {
  return pieces.map((piece) => piece.position / CHUNK);
}
