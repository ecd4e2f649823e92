import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TorEndpoint } from '../../../src/tor/control/endpoint.js';

/** The reply to a command, if any. With the socket it can also hang up. */
export type Answer = (command: string, socket: Socket) => string | undefined;

export interface ControlServer extends AsyncDisposable {
  readonly endpoint: TorEndpoint;
  /** Private to the test, removed with the server. */
  readonly directory: string;
  readonly commands: string[];
}

/** A small control port on a unix socket that replies by `answer`. */
export async function startControlServer(answer: Answer): Promise<ControlServer> {
  const directory = await mkdtemp(join(tmpdir(), 'onionferry-test-'));
  const commands: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    const lines = createInterface({ input: socket });
    // It tells what the socket's own error has told already.
    lines.on('error', () => undefined);
    lines.on('line', (command) => {
      commands.push(command);
      const reply = answer(command, socket);
      if (reply !== undefined) socket.write(reply.replaceAll('\n', '\r\n'));
    });
  });
  const path = join(directory, 'control');
  await once(server.listen(path), 'listening');
  return {
    endpoint: { kind: 'unix', path },
    directory,
    commands,
    async [Symbol.asyncDispose](): Promise<void> {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      await rm(directory, { recursive: true });
    },
  };
}
