import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

/** TCP ports of `address` on which nobody listens now, all different. */
export async function freePorts(address: string, count: number): Promise<number[]> {
  const servers: Server[] = [];
  try {
    // Each is held until the last is known: the system would name one twice.
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
