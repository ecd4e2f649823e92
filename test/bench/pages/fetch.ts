import { connect } from 'node:net';
import { formatAuthorization } from '../../../src/base/authorization.js';

export const CREDENTIALS = { user: 'ferry', password: 'only for a benchmark' };

/** One read takes at most this much: more than a unix socket holds. */
const READ_BYTES = 256 * 1024;

export interface Fetched {
  readonly status: number;
  /** Of the body */
  readonly bytes: number;
  /** From before dialling to the first byte of the body, and to the last */
  readonly firstByteSeconds: number;
  readonly seconds: number;
}

export interface FetchOptions {
  readonly socket: string;
  readonly path: string;
  /** A Range header */
  readonly range?: string;
  readonly signal?: AbortSignal;
  readonly onBytes?: (bytes: number) => void;
}

/** Fetches and forgets, with as little of Node's as can be: the server is what is measured. */
export function fetch({ socket, path, range, signal, onBytes }: FetchOptions): Promise<Fetched> {
  return new Promise((resolve, reject) => {
    const startedAt = performance.now();
    let firstByteAt: number | undefined;
    let head = '';
    let status = 0;
    let length: number | undefined;
    let got = 0;
    const take = (count: number, buffer: Uint8Array): boolean => {
      let body = count;
      if (length === undefined) {
        head += Buffer.from(buffer.subarray(0, count)).toString('latin1');
        const end = head.indexOf('\r\n\r\n');
        if (end === -1) return true;
        status = Number(head.slice(9, 12));
        length = Number(/^content-length: (\d+)$/im.exec(head)?.[1]);
        body = head.length - end - 4;
      }
      if (body > 0) firstByteAt ??= performance.now();
      got += body;
      onBytes?.(body);
      if (got >= length) connection.destroy();
      return true;
    };
    const connection = connect({
      path: socket,
      onread: { buffer: Buffer.allocUnsafe(READ_BYTES), callback: take },
    });
    signal?.addEventListener('abort', () => connection.destroy(), { once: true });
    connection.once('error', reject);
    connection.once('close', () => {
      if (got !== length) reject(new Error(`${path} ended after ${got} bytes of ${length}`));
      const seconds = (performance.now() - startedAt) / 1000;
      const firstByteSeconds = ((firstByteAt ?? Number.NaN) - startedAt) / 1000;
      resolve({ status, bytes: got, firstByteSeconds, seconds });
    });
    connection.write(
      [
        `GET ${path} HTTP/1.1`,
        'Host: bench',
        `Authorization: ${formatAuthorization(CREDENTIALS)}`,
        ...(range === undefined ? [] : [`Range: ${range}`]),
        '\r\n',
      ].join('\r\n'),
    );
  });
}
