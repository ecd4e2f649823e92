import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { Circuits } from '../../../src/onion-http/circuits.js';
import { DEFAULT_RELAY_LIMITS } from '../../../src/relay/limits.js';
import { side } from '../processes/side.js';
import { HTTP_SERVER } from './programs.js';

/** Serves one file, or a range of it, to any client, until it is told to end. */
await side(HTTP_SERVER, async ({ file, bytes, socket }, { meter, ready, signal }) => {
  let connections: Socket[] = [];
  const server = createServer((request, response) => {
    const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
    const start = Number(from ?? 0);
    const end = to === undefined || to === '' ? bytes - 1 : Number(to);
    response.writeHead(from === undefined ? 200 : 206, {
      'content-type': 'application/octet-stream',
      'content-length': end - start + 1,
      'accept-ranges': 'bytes',
      ...(from !== undefined && { 'content-range': `bytes ${start}-${end}/${bytes}` }),
    });
    if (connections.every(({ destroyed }) => destroyed)) {
      // The first of a run.
      connections = [];
      meter.watch(() => connections.reduce((sum, one) => sum + one.bytesWritten, 0), bytes);
    }
    if (!connections.includes(request.socket)) connections.push(request.socket);
    // A client that goes away is its own affair.
    pipeline(createReadStream(file, { start, end }), response).catch(() => undefined);
  });
  new Circuits(DEFAULT_RELAY_LIMITS).watch(server);
  await once(server.listen(socket), 'listening');
  ready(socket);
  await once(signal, 'abort');
  server.closeAllConnections();
  server.close();
});
