import type { Bytes } from '../../base/bytes.js';
import { UNIT_BYTES } from '../../pages/parallel/limits.js';
import { DownloadFailure } from './download-failure.js';

/** A circuit that has died may say nothing for as long as tor waits for it. */
const SILENT_MS = 20_000;

/** Where a range is asked for. */
export interface RangeRequest {
  readonly url: string;
  /** The page's own address wants the visitor's password, which the browser adds; siblings none. */
  readonly isOwn: boolean;
}

/** A whole unit. */
export interface FetchedUnit {
  readonly position: number;
  readonly content: Bytes;
}

/**
 * Fetches a range that begins and ends between units, and gives each unit as soon as it is whole.
 *
 * @throws DownloadFailure if another request would fare no better; another error if this one failed;
 *   the signal's reason
 */
export async function* fetchRange(
  { url, isOwn }: RangeRequest,
  start: number,
  end: number,
  signal: AbortSignal,
): AsyncGenerator<FetchedUnit, void, undefined> {
  const silence = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const hear = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => silence.abort(new Error('nothing has come for long')), SILENT_MS);
  };
  hear();
  try {
    const response = await fetch(url, {
      // One range in this form needs no preflight (Fetch, "CORS-safelisted request-header").
      headers: { Range: `bytes=${start}-${end - 1}` },
      mode: isOwn ? 'same-origin' : 'cors',
      credentials: isOwn ? 'same-origin' : 'omit',
      cache: 'no-store',
      signal: AbortSignal.any([signal, silence.signal]),
    });
    assertPart(response);
    if (response.body === null) throw new Error('the reply has no body');
    const reader = response.body.getReader();
    let position = start;
    let unit: Bytes | undefined;
    let filled = 0;
    while (position < end) {
      const { value, done } = await reader.read();
      if (done) throw new Error('the reply has ended early');
      hear();
      for (let at = 0; at < value.length; ) {
        unit ??= new Uint8Array(Math.min(UNIT_BYTES, end - position));
        const part = value.subarray(at, at + unit.length - filled);
        unit.set(part, filled);
        filled += part.length;
        at += part.length;
        if (filled < unit.length) continue;
        yield { position, content: unit };
        position += unit.length;
        unit = undefined;
        filled = 0;
        if (position >= end && at < value.length) throw new Error('the reply is too long');
      }
    }
    // Its end frees the connection for the next request.
    await reader.read();
  } finally {
    clearTimeout(timer);
    silence.abort();
  }
}

function assertPart({ status }: Response): void {
  if (status === 206) return;
  if (status === 412) throw new DownloadFailure('changed');
  if (status === 410) throw new DownloadFailure('gone');
  throw new Error(`the reply has the status ${status}`);
}
