import { createWriteStream } from 'node:fs';
import { connect } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { side } from '../processes/side.js';
import { PIPE_RECIPIENT } from './programs.js';

await side(PIPE_RECIPIENT, async ({ socket, file, bytes, sync }, { meter }) => {
  meter.start();
  const connection = connect(socket);
  meter.watch(() => connection.bytesRead, bytes);
  await pipeline(connection, createWriteStream(file, { flags: 'wx', flush: sync }));
  meter.stop();
});
