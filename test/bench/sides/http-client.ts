import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { Agent, get, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { parseOnionAddress } from '../../../src/onion/address.js';
import { dialOnion } from '../../../src/tor/dial/dial-onion.js';
import { side } from '../processes/side.js';
import { HTTP_CLIENT, type HttpClientOptions } from './programs.js';

/** Failures of one circuit in a row; each is followed by a new circuit for what is missing. */
const FAILURES_MAX = 20;

interface Piece {
  start: number;
  /** Behind its last byte. */
  readonly end: number;
}

/**
 * Fetches a file whole, in equal parts or in pieces from one queue, over as many circuits as told;
 * it is on disk then.
 */
await side(HTTP_CLIENT, async (options, { meter }) => {
  const { file, bytes, circuits, pieceBytes = Math.ceil(bytes / circuits) } = options;
  meter.start();
  let received = 0;
  meter.watch(() => received, bytes);
  await using handle = await open(file, 'wx');
  const pieces: Piece[] = [];
  for (let start = 0; start < bytes; start += pieceBytes) {
    pieces.push({ start, end: Math.min(bytes, start + pieceBytes) });
  }
  const fetchPieces = async (number: number): Promise<void> => {
    let failures = 0;
    let agent = agentFor(options, `${number}`);
    for (let piece = pieces.shift(); piece !== undefined; ) {
      try {
        const response = await request(options, agent, piece, piece.end - piece.start < bytes);
        meter.firstByte();
        // A response without encoding gives Buffers.
        for await (const chunk of response as AsyncIterable<Buffer>) {
          meter.content();
          received += chunk.length;
          await handle.write(chunk, 0, chunk.length, piece.start);
          piece.start += chunk.length;
          failures = 0;
        }
        if (piece.start !== piece.end) throw new Error('the response ended early');
        piece = pieces.shift();
      } catch (error) {
        failures += 1;
        if (failures > FAILURES_MAX) throw error;
        agent.destroy();
        agent = agentFor(options, `${number}, ${failures}`);
      }
    }
    agent.destroy();
  };
  await Promise.all(Array.from({ length: circuits }, (_, number) => fetchPieces(number)));
  await handle.sync();
  meter.stop({ circuits });
});

/** Keeps one connection, on a circuit of its own. */
function agentFor({ socks, onion, isolation }: HttpClientOptions, own: string): Agent {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  agent.createConnection = (_options, onCreated): undefined => {
    const dialled = dialOnion({
      socks,
      onion: parseOnionAddress(onion),
      port: 80,
      isolation: `${isolation} ${own}`,
    });
    dialled.then(
      (socket: Socket) => onCreated?.(null, socket),
      // dialOnion rejects with errors. Node's types want a stream beside one, and Node takes none.
      (error: unknown) => onCreated?.(error as Error, undefined as never),
    );
  };
  return agent;
}

async function request(
  { onion, path }: HttpClientOptions,
  agent: Agent,
  { start, end }: Piece,
  isPart: boolean,
): Promise<IncomingMessage> {
  const headers = isPart ? { range: `bytes=${start}-${end - 1}` } : {};
  const asked = get({ host: onion, path, headers, agent });
  // `response` is emitted with one IncomingMessage.
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  const { statusCode } = response;
  if (statusCode !== (isPart ? 206 : 200)) throw new Error(`status ${statusCode}`);
  return response;
}
