import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { inject } from 'vitest';
import type { OnionAddress } from '../../../src/onion/address.js';
import { dialWithRetries } from '../../../src/tor/dial/dial-with-retries.js';
import type { Tor } from '../../../src/tor/instance/tor.js';
import type { ServicePort } from '../../../src/tor/service/service-list.js';
import { startTor } from '../../support/start-tor.js';
import { temporaryDirectory } from './temporary-directory.js';

/** Two tors on the private network, one for the services and one for those who call. */
export interface TorPair extends AsyncDisposable {
  readonly home: string;
  readonly service: Tor;
  readonly client: Tor;
}

export async function startPair(): Promise<TorPair> {
  const home = await temporaryDirectory();
  const options = { dataDir: home.path, torrc: inject('torrc') };
  const [service, client] = await Promise.all([startTor(options), startTor(options)]);
  return {
    home: home.path,
    service,
    client,
    async [Symbol.asyncDispose](): Promise<void> {
      await Promise.all([service.close(), client.close()]);
      await home[Symbol.asyncDispose]();
    },
  };
}

export interface Echo extends AsyncDisposable {
  readonly ports: readonly ServicePort[];
  /** The PROXY lines of all connections, in their order. */
  readonly lines: string[];
  readonly sockets: Set<Socket>;
}

let echoes = 0;

/** Answers each connection, of ports 80 and 81, with `answer` once it has read the PROXY line. */
export async function startEcho(
  directory: string,
  answer: string,
  name = `echo "${echoes++}" socket`,
): Promise<Echo> {
  const lines: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    const proxyLines = createInterface({ input: socket });
    // It tells what the socket's own error has told already.
    proxyLines.on('error', () => undefined);
    proxyLines.once('line', (line) => {
      lines.push(line);
      socket.write(answer);
    });
  });
  const unix = join(directory, name);
  await once(server.listen(unix), 'listening');
  return {
    ports: [80, 81].map((virtual) => ({ virtual, target: { unix } })),
    lines,
    sockets,
    async [Symbol.asyncDispose](): Promise<void> {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Dials as a program does that waits for the service: so small a network loses circuits. */
export function reach(
  client: Tor,
  onion: OnionAddress,
  isolation: string,
  port = 80,
): Promise<Socket> {
  const newCircuits = (): Promise<void> => client.newCircuits();
  const ready = (signal: AbortSignal): Promise<void> => client.ready(signal);
  const { socks } = client;
  return dialWithRetries({ socks, onion, port, isolation, overallMs: 90_000, newCircuits, ready });
}

/** What the service says first. */
export async function ask(...where: Parameters<typeof reach>): Promise<string> {
  const socket = await reach(...where);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return answer.toString();
}

/** The circuit of a PROXY line, as tor exports it. */
export function circuitOf(line = ''): number {
  const [, high = '', low = ''] =
    /^PROXY TCP6 fc00:dead:beef:4dad::([0-9a-f]+):([0-9a-f]+) /.exec(line) ?? [];
  return Number.parseInt(high, 16) * 65_536 + Number.parseInt(low, 16);
}
