import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { side } from '../processes/side.js';
import { PIPE_SENDER } from './programs.js';

await side(PIPE_SENDER, async ({ file, bytes, socket }, { meter, ready }) => {
  const server = createServer();
  await once(server.listen(socket), 'listening');
  ready(socket);
  // `connection` is emitted with one Socket.
  const [connection] = (await once(server, 'connection')) as [Socket];
  server.close();
  meter.watch(() => connection.bytesWritten, bytes);
  await pipeline(createReadStream(file), connection);
});
