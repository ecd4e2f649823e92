import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { deadline } from '../../base/deadline.js';
import { OnionferryError } from '../../base/errors.js';
import { systemCode } from '../../base/system-error.js';
import type { OnInstallProgress } from './install-progress.js';
import { installFailure } from './installation.js';

/** The bundles have some 20–35 MB; a server that never stops must not fill the disk. */
const FILE_MAX_BYTES = 256 * 1024 * 1024;

export interface DownloadOptions {
  readonly url: string;
  /** The file to make. */
  readonly path: string;
  readonly onProgress: OnInstallProgress;
  /** How long the server may send nothing. */
  readonly stallMs: number;
  /** Default FILE_MAX_BYTES */
  readonly maxBytes?: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Streams a URL into a file and hashes what passes.
 *
 * @returns its SHA-256 in lower-case hexadecimal
 * @throws OnionferryError ERR_TOR_INSTALL, its message a clause that names the host; the signal's
 *   reason
 */
export async function download(options: DownloadOptions): Promise<string> {
  const { url, path, onProgress, stallMs, maxBytes = FILE_MAX_BYTES } = options;
  const host = new URL(url).host;
  const stalled = `${host} has sent nothing for ${stallMs / 1000} seconds`;
  using limit = deadline(stallMs, () => installFailure(stalled), options.signal);
  const { signal } = limit;
  try {
    const response = await fetch(url, { signal });
    if (!response.ok || response.body === null) {
      throw installFailure(`${host} answers ${response.status} for ${new URL(url).pathname}`);
    }
    const announced = Number(response.headers.get('content-length') ?? Number.NaN);
    const total = Number.isSafeInteger(announced) ? { total: announced } : {};
    const hash = createHash('sha256');
    let bytes = 0;
    const measure = new Transform({
      transform(chunk: Buffer, _encoding, done): void {
        limit.extend(stallMs);
        hash.update(chunk);
        bytes += chunk.length;
        onProgress({
          phase: 'download',
          bytes,
          ...total,
          summary: `the Tor Expert Bundle from ${host}`,
        });
        done(
          bytes > maxBytes ? installFailure(`${host} sends more than any bundle has`) : null,
          chunk,
        );
      },
    });
    await pipeline(
      Readable.from(response.body),
      measure,
      createWriteStream(path, { flags: 'wx' }),
      { signal },
    );
    return hash.digest('hex');
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof OnionferryError) throw error;
    throw installFailure(`${host} cannot be reached or broke off (${reasonIn(error)})`, error);
  }
}

/** fetch says only "fetch failed"; the reason is in its cause. */
function reasonIn(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause: unknown = error.cause;
  const code = systemCode(cause);
  if (code !== undefined) return code;
  return cause instanceof Error && cause.message !== '' ? cause.message : error.message;
}
