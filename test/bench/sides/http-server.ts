import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { createServer } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { DEFAULT_RELAY_LIMITS } from '../../../src/relay/limits.js';
import { Circuits } from '../../../src/relay/server/circuits.js';
import { side } from '../processes/side.js';
import { HTTP_SERVER } from './programs.js';

/** Serves one file to whoever asks, until it is told to end. */
await side(HTTP_SERVER, async ({ file, bytes, socket }, { meter, ready, signal }) => {
  const server = createServer((_request, response) => {
    response.writeHead(200, {
      'content-type': 'application/octet-stream',
      'content-length': bytes,
      connection: 'close',
    });
    const { socket: connection } = response;
    meter.watch(() => connection?.bytesWritten ?? 0, bytes);
    // A client that goes away is its own affair.
    pipeline(createReadStream(file), response).catch(() => undefined);
  });
  new Circuits(true, DEFAULT_RELAY_LIMITS).watch(server);
  await once(server.listen(socket), 'listening');
  ready(socket);
  await once(signal, 'abort');
  server.closeAllConnections();
  server.close();
});
