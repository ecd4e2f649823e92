import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { parseOnionAddress } from '../../../src/onion/address.js';
import { dialOnion } from '../../../src/tor/dial/dial-onion.js';
import { side } from '../processes/side.js';
import { HTTP_CLIENT, type HttpClientOptions } from './programs.js';

/** Fetches a file whole, or in equal parts that are written to one file; it is on disk then. */
await side(HTTP_CLIENT, async (options, { meter }) => {
  const { file, bytes, circuits } = options;
  meter.start();
  const sockets: Socket[] = [];
  meter.watch(() => sockets.reduce((sum, { bytesRead }) => sum + bytesRead, 0), bytes);
  await using handle = await open(file, 'wx');
  const part = Math.ceil(bytes / circuits);
  const fetchPart = async (number: number): Promise<void> => {
    const start = number * part;
    const socket = await dial(options, number);
    sockets.push(socket);
    const range = `bytes=${start}-${Math.min(bytes, start + part) - 1}`;
    const response = await request(options, socket, circuits === 1 ? undefined : range);
    meter.firstByte();
    await pipeline(response, createWriteStream(file, { flags: 'r+', start }));
  };
  await Promise.all(Array.from({ length: circuits }, (_, number) => fetchPart(number)));
  await handle.sync();
  meter.stop({ circuits });
});

async function dial(options: HttpClientOptions, number: number): Promise<Socket> {
  const { socks, onion, isolation } = options;
  const own = `${isolation} ${number}`;
  return await dialOnion({ socks, onion: parseOnionAddress(onion), port: 80, isolation: own });
}

async function request(
  { onion, path }: HttpClientOptions,
  socket: Socket,
  range: string | undefined,
): Promise<IncomingMessage> {
  const headers = range === undefined ? {} : { range };
  const asked = get({ host: onion, path, headers, createConnection: () => socket });
  // `response` is emitted with one IncomingMessage.
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  const { statusCode } = response;
  if (statusCode !== (range === undefined ? 200 : 206)) throw new Error(`status ${statusCode}`);
  return response;
}
