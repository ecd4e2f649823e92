import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { silentLogger } from '../../../src/base/logger.js';
import { createRunDirectory } from '../../../src/disk/run-directory.js';
import { createIdentity } from '../../../src/onion/identity.js';
import { relayPages } from '../../../src/pages/relay/relay-pages.js';
import { startRelay } from '../../../src/relay/server/start-relay.js';
import { HTTP_PORT, RELAY_USER, STREAM_PORT } from '../../../src/relay-protocol/wire.js';
import type { TorProgram } from '../../../src/tor/program/tor-program.js';
import { startTor } from '../start-tor.js';

export interface AlteringRelayOptions {
  readonly program: TorProgram;
  /** Of the run; it gets a folder in it. */
  readonly directory: string;
  readonly torrc: string;
  readonly password: string;
  /** The byte of each connection, counted from what goes to the client, that it changes. */
  readonly at: number;
}

export interface AlteringRelay extends AsyncDisposable {
  readonly onion: string;
  readonly url: string;
  readonly user: string;
  readonly password: string;
}

/** A relay that serves the honest pages, and changes one byte of what goes through it to a page. */
export async function startAlteringRelay(options: AlteringRelayOptions): Promise<AlteringRelay> {
  const ends: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const end of ends.splice(0).reverse()) await end();
  };
  try {
    return { ...(await start(options, ends)), [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function start(
  { program, directory, torrc, password, at }: AlteringRelayOptions,
  ends: (() => Promise<unknown>)[],
): Promise<Omit<AlteringRelay, keyof AsyncDisposable>> {
  const sockets = await createRunDirectory();
  ends.push(() => sockets.remove());
  const credentials = { user: RELAY_USER, password };
  const pages = relayPages(silentLogger);
  const relay = await startRelay({
    credentials,
    directory: sockets.path,
    pages,
    remoteSenders: true,
  });
  ends.push(() => relay.close());
  const altered = join(sockets.path, 'altered');
  const server = altering(relay.httpSocket, at);
  await new Promise<void>((resolve) => {
    server.listen(altered, resolve);
  });
  ends.push(() => Promise.resolve(server.close()));
  const dataDir = join(directory, 'altering-relay');
  const tor = await startTor({ found: program, dataDir, torrc });
  ends.push(() => tor.close());
  const identity = createIdentity();
  await tor.publish({
    identity,
    ports: [
      { virtual: HTTP_PORT, target: { unix: altered } },
      { virtual: STREAM_PORT, target: { unix: relay.streamSocket } },
    ],
    proofOfWork: false,
  });
  return { onion: identity.address, url: `http://${identity.address}/`, ...credentials };
}

/** Passes everything on, but one byte of each connection towards its client. */
function altering(honestPath: string, at: number): Server {
  return createServer((client) => {
    const honest = connect(honestPath);
    for (const socket of [client, honest]) socket.on('error', () => undefined);
    client.pipe(honest);
    let seen = 0;
    honest.on('data', (piece: Buffer) => {
      const here = at - seen;
      if (here >= 0 && here < piece.length) piece[here] = (piece[here] ?? 0) ^ 1;
      seen += piece.length;
      client.write(piece);
    });
    honest.on('close', () => client.destroy());
    client.on('close', () => honest.destroy());
  });
}
