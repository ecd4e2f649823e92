import { type Agent, type IncomingMessage, request } from 'node:http';
import { OnionferryError } from '../../base/errors.js';
import { LostReply, type Post, REPLY_MAX_BYTES } from '../../relay-protocol/repeated-requests.js';
import type { Reply } from '../../relay-protocol/reply.js';

export interface Exchange extends Post {
  readonly agent: Agent;
  readonly host: string;
  readonly port: number;
  readonly authorization: string;
}

/**
 * Posts once and reads the whole reply.
 *
 * @throws LostReply; OnionferryError as the agent's dialling throws it, or ERR_PROTOCOL if the
 * reply is too large; the signal's reason
 */
export function exchange({ signal, deadlineMs, body, ...options }: Exchange): Promise<Reply> {
  const { agent, host, port, path, authorization } = options;
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const outgoing = request({
      agent,
      host,
      port,
      path,
      method: 'POST',
      headers: {
        Host: host,
        Authorization: authorization,
        'Content-Type': 'application/json',
        'Content-Length': Buffer.byteLength(body),
      },
    });
    let timer: NodeJS.Timeout | undefined;
    const abort = (): void => {
      outgoing.destroy();
      stop();
      reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
    };
    const stop = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
    };
    const fail = (error: unknown): void => {
      stop();
      outgoing.destroy();
      reject(error instanceof OnionferryError ? error : new LostReply('lost', { cause: error }));
    };
    signal.addEventListener('abort', abort, { once: true });
    outgoing.once('socket', (socket) => {
      const begin = (): void => {
        timer = setTimeout(() => fail(new Error('no reply in time')), deadlineMs);
      };
      if (socket.connecting) socket.once('connect', begin);
      else begin();
    });
    outgoing.on('error', fail);
    outgoing.once('response', (incoming) => {
      read(incoming).then((text) => {
        stop();
        resolve({ status: incoming.statusCode ?? 0, body: text });
      }, fail);
    });
    outgoing.end(body);
  });
}

/** @throws also when the connection ends before the reply does: then the iteration fails */
async function read(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  // A response without an encoding set yields buffers.
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > REPLY_MAX_BYTES) {
      throw new OnionferryError('ERR_PROTOCOL', 'what answers there is not an onionferry relay');
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
