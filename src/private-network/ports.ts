import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

/** Distinct TCP ports of `address` on which nobody listens. */
export async function freePorts(address: string, count: number): Promise<number[]> {
  const servers: Server[] = [];
  try {
    // All are held until the last is known, or the system could return one twice.
    for (let i = 0; i < count; i++) {
      const server = createServer().listen(0, address);
      servers.push(server);
      await once(server, 'listening');
    }
    return servers.map((server) => {
      const bound = server.address();
      if (bound === null || typeof bound === 'string') throw new TypeError('not a TCP port');
      return bound.port;
    });
  } finally {
    for (const server of servers) server.close();
  }
}
