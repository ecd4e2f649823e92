import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import type { Link } from '../../../src/private-network/options.js';
import { DelayLine } from './delay-line.js';

/**
 * Bytes on the way in one direction of one connection. It has to be more than what any connection
 * carries during the delay, or it would be a limit of its own.
 */
const HELD_MAX_BYTES = 64 * 1024 * 1024;

export interface DelayedLink extends Link {
  /** One way. */
  readonly delayMs: number;
}

/**
 * Accepts connections to each link's `from` and carries them to its `to`, every byte and the end
 * `delayMs` after it came, both ways.
 */
export async function carryLinks(links: readonly DelayedLink[]): Promise<AsyncDisposable> {
  const lines = new Map<number, DelayLine>();
  for (const { delayMs } of links) lines.set(delayMs, new DelayLine(delayMs));
  const open = new Set<Socket>();
  const keep = (socket: Socket): void => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    // It closes then, and that is carried.
    socket.on('error', () => undefined);
  };
  const servers = links.map(({ address, from, to, delayMs }) => {
    const line = lines.get(delayMs) ?? new DelayLine(delayMs);
    const options = { allowHalfOpen: true, noDelay: true, pauseOnConnect: true };
    const server = createServer(options, (near) => {
      const far = connect({ host: address, port: to, allowHalfOpen: true, noDelay: true });
      keep(near);
      keep(far);
      carry(near, far, line);
      carry(far, near, line);
      // TCP's own greeting crosses the link twice before a byte may be sent; here it is over at once.
      setTimeout(() => near.resume(), 2 * delayMs);
    });
    return server.listen(from, address);
  });
  await Promise.all(servers.map((server) => once(server, 'listening')));
  return {
    async [Symbol.asyncDispose](): Promise<void> {
      const closed = servers.map((server) => once(server.close(), 'close'));
      for (const socket of open) socket.destroy();
      await Promise.all(closed);
    },
  };
}

function carry(from: Socket, to: Socket, line: DelayLine): void {
  let held = 0;
  from.on('data', (chunk: Buffer) => {
    held += chunk.length;
    if (held >= HELD_MAX_BYTES) from.pause();
    const written = (): void => {
      const wasFull = held >= HELD_MAX_BYTES;
      held -= chunk.length;
      if (wasFull && held < HELD_MAX_BYTES) from.resume();
    };
    line.put(() => {
      if (!to.destroyed) to.write(chunk, written);
    });
  });
  from.once('end', () => line.put(() => to.end()));
  from.once('close', () => line.put(() => to.destroySoon()));
}
