import { EventEmitter, once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** tor's SOCKS port with somebody in front of it who counts what comes back, and keeps none of it. */
export interface CountedSocks extends AsyncDisposable {
  /** Bytes that have come back so far, over all connections, up to the client's sockets. */
  readonly bytes: number;
  /** Resolves when this many have come back. */
  until(bytes: number): Promise<void>;
  /** The most connections at once that have brought content, since this was asked last. */
  mostCarrying(): number;
}

/** What a connection brings before any content: a nonce and some words. */
const WORDS_BYTES = 16 * 1024;

export async function countSocks(path: string, socks: string): Promise<CountedSocks> {
  let bytes = 0;
  const news = new EventEmitter().setMaxListeners(0);
  const open = new Set<Socket>();
  const carrying = new Set<Socket>();
  let most = 0;
  const server = createServer((near) => {
    const far = connect(socks);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(one);
      one.on('error', () => undefined);
      one.once('close', () => {
        open.delete(one);
        carrying.delete(one);
        other.destroySoon();
      });
    }
    let own = 0;
    const count = (length: number): void => {
      bytes += length;
      own += length;
      if (own > WORDS_BYTES && open.has(far)) carrying.add(far);
      most = Math.max(most, carrying.size);
      news.emit('news');
    };
    near.pipe(far);
    far.on('data', (chunk: Buffer) => {
      const hasRoom = near.write(chunk, (error) => {
        // What waits here has not come.
        if (error == null) count(chunk.length);
      });
      if (!hasRoom) far.pause();
    });
    near.on('drain', () => far.resume());
    far.once('end', () => near.end());
  });
  await once(server.listen(path), 'listening');
  return {
    get bytes() {
      return bytes;
    },
    async until(wanted) {
      while (bytes < wanted) await once(news, 'news');
    },
    mostCarrying() {
      const since = most;
      most = carrying.size;
      return since;
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server.close(), 'close');
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}
