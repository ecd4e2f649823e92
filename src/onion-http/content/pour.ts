import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { OnionferryError } from '../../base/errors.js';
import type { ByteRange } from './conditions.js';

/**
 * A client that takes nothing for this long is closed, unless the server has a time of its own: it
 * holds a file open, and a share that is about to end waits for it. A browser whose download was
 * paused asks for the rest with a range.
 */
const STALLED_MS = 2 * 60_000;

/** Produces the pieces of a range. The next one is asked for while the last is being written. */
export type OpenRange = (range: ByteRange, signal: AbortSignal) => AsyncIterable<Uint8Array>;

export interface PourOptions {
  /** Called with each part of the representation that the socket has taken, in order. */
  readonly onDelivered?: ((part: ByteRange) => void) | undefined;
  /** Breaks the reply off, so that the client notices. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Writes a range as the body, as fast as the client takes it.
 *
 * If the body cannot be completed, the connection is closed before its length is reached.
 *
 * @returns when all is written, the client has gone, or `signal` aborts
 * @throws what the pieces fail with
 */
export async function pour(
  response: ServerResponse,
  range: ByteRange,
  open: OpenRange,
  { onDelivered, signal }: PourOptions,
): Promise<void> {
  const ending = new AbortController();
  const end = (): void => ending.abort(new Error('the reply is over'));
  const { socket } = response;
  const timeout = socket?.timeout ?? 0;
  // The server's timeout must not run while the content itself takes long.
  socket?.setTimeout(0);
  response.once('close', end);
  signal?.addEventListener('abort', end, { once: true });
  if (signal?.aborted === true || response.destroyed) end();
  try {
    await pourPieces(response, range, open(range, ending.signal), {
      onDelivered,
      stalledMs: timeout === 0 ? STALLED_MS : timeout,
      signal: ending.signal,
    });
  } catch (error) {
    response.destroy();
    if (!ending.signal.aborted) throw error;
  } finally {
    response.off('close', end);
    signal?.removeEventListener('abort', end);
    socket?.setTimeout(timeout);
    end();
  }
}

interface Pouring {
  readonly onDelivered: PourOptions['onDelivered'];
  readonly stalledMs: number;
  readonly signal: AbortSignal;
}

async function pourPieces(
  response: ServerResponse,
  { start, end }: ByteRange,
  source: AsyncIterable<Uint8Array>,
  pouring: Pouring,
): Promise<void> {
  const { onDelivered, signal } = pouring;
  const pieces = source[Symbol.asyncIterator]();
  try {
    let at = start;
    let next = ahead(pieces);
    for (;;) {
      const step = await next;
      if (step.done === true) break;
      const piece = step.value;
      if (at + piece.length > end) throw broken();
      next = ahead(pieces);
      await written(response, piece, pouring);
      onDelivered?.({ start: at, end: at + piece.length });
      at += piece.length;
    }
    if (at !== end) throw broken();
    response.end();
    await once(response, 'finish', { signal });
    if (start === end) onDelivered?.({ start, end });
  } finally {
    await pieces.return?.();
  }
}

/** The next piece, read while the last one is written. */
function ahead(pieces: AsyncIterator<Uint8Array>): Promise<IteratorResult<Uint8Array>> {
  const next = pieces.next();
  // A failure shows when it is awaited, which may never come.
  next.catch(() => undefined);
  return next;
}

/** Resolves when the system has taken the piece, so that only what was taken is counted. */
function written(
  response: ServerResponse,
  piece: Uint8Array,
  { stalledMs, signal }: Pouring,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const finish = (error?: Error | null): void => {
      clearTimeout(stalled);
      signal.removeEventListener('abort', abort);
      if (error === undefined || error === null) resolve();
      else reject(error);
    };
    const abort = (): void => finish(new Error('the reply is over'));
    const stalled = setTimeout(() => response.destroy(), stalledMs);
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    else response.write(piece, finish);
  });
}

function broken(): OnionferryError {
  return new OnionferryError('ERR_INTERNAL', 'a reply had another length than announced');
}
