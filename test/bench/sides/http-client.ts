import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { parseOnionAddress } from '../../../src/onion/address.js';
import { dialOnion } from '../../../src/tor/dial-onion.js';
import { side } from '../processes/side.js';
import { HTTP_CLIENT } from './programs.js';

await side(HTTP_CLIENT, async ({ socks, onion, isolation, file, bytes }, { meter }) => {
  meter.start();
  const socket = await dialOnion({ socks, onion: parseOnionAddress(onion), port: 80, isolation });
  meter.watch(() => socket.bytesRead, bytes);
  const request = get({ host: onion, path: '/', createConnection: () => socket });
  // `response` is emitted with one IncomingMessage.
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  meter.firstByte();
  await pipeline(response, createWriteStream(file, { flags: 'wx', flush: true }));
  meter.stop();
});
