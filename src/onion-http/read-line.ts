import type { Duplex } from 'node:stream';

const LINE_FEED = 0x0a;

export interface ReadLineOptions {
  readonly maxBytes: number;
  /** No deadline if left out */
  readonly deadlineMs?: number;
}

/**
 * Reads the first line of a stream, and leaves everything after its line feed unread.
 *
 * @returns the line without its line feed
 * @throws Error if the line is too long or late, or the stream ends first
 */
export function readLine(stream: Duplex, options: ReadLineOptions): Promise<string> {
  const { maxBytes, deadlineMs } = options;
  return new Promise((resolve, reject) => {
    let line: Buffer = Buffer.alloc(0);
    const stop = (): void => {
      clearTimeout(timer);
      stream.off('readable', read);
      for (const event of endings) stream.off(event, ended);
    };
    const fail = (reason: string, cause?: unknown): void => {
      stop();
      reject(new Error(reason, { cause }));
    };
    const ended = (cause?: unknown): void =>
      fail('the stream ended before its first line did', cause);
    const read = (): void => {
      for (let chunk = readChunk(stream); chunk !== undefined; chunk = readChunk(stream)) {
        const seen = line.length;
        line = Buffer.concat([line, chunk]);
        const end = line.indexOf(LINE_FEED, seen);
        if ((end < 0 ? line.length : end) > maxBytes) {
          fail('the line is too long');
          return;
        }
        if (end < 0) continue;
        stop();
        if (end + 1 < line.length) stream.unshift(line.subarray(end + 1));
        resolve(line.toString('utf8', 0, end));
        return;
      }
    };
    const endings = ['end', 'error', 'close'];
    const timer =
      deadlineMs === undefined
        ? undefined
        : setTimeout(() => fail('the line took too long to arrive'), deadlineMs);
    for (const event of endings) stream.on(event, ended);
    stream.on('readable', read);
    if (stream.destroyed) ended();
  });
}

function readChunk(stream: Duplex): Buffer | undefined {
  const chunk: unknown = stream.read();
  return chunk instanceof Buffer ? chunk : undefined;
}
