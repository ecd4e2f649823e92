import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** Two ends of one TCP connection over loopback. */
export async function socketPair(): Promise<[Socket, Socket]> {
  const server = createServer({ allowHalfOpen: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const client = connect({ port: address.port, host: '127.0.0.1', allowHalfOpen: true });
  const [[accepted]] = await Promise.all([
    once(server, 'connection') as Promise<[Socket]>, // the event's documented argument
    once(client, 'connect'),
  ]);
  server.close();
  return [accepted, client];
}
