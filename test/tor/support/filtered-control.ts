import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { authenticate } from '../../../src/tor/control/authenticate.js';
import { ControlConnection } from '../../../src/tor/control/connection.js';

/** As Whonix and Tails have it for programs that offer onions; no command with events or settings. */
const ALLOWED: readonly RegExp[] = [
  /^GETINFO (version|status\/bootstrap-phase|net\/listeners\/socks)$/i,
  /^ADD_ONION ED25519-V3:\S+( Port=\d+,127\.0\.0\.1:176[0-5]\d)+$/i,
  /^DEL_ONION \w{56}$/i,
  /^SIGNAL NEWNYM$/i,
];

export interface FilteredControl extends AsyncDisposable {
  readonly port: number;
  /** What was refused so far, by the commands' first words. */
  readonly refused: ReadonlySet<string>;
}

/**
 * What stands before a control port on Whonix and Tails (onion-grater): it authenticates by itself,
 * lets anybody in, answers 510 to all but a few commands, and ends its own connection with that of
 * its client.
 *
 * @param path of tor's control socket
 */
export async function startFilteredControl(path: string): Promise<FilteredControl> {
  const refused = new Set<string>();
  const server = createServer((client) => {
    client.on('error', () => undefined);
    void serve(client, path, refused).catch(() => client.destroy());
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const clients = new Set<Socket>();
  server.on('connection', (client) => {
    clients.add(client);
    client.once('close', () => clients.delete(client));
  });
  return {
    // It listens at a port, not at a path.
    port: (server.address() as AddressInfo).port,
    refused,
    async [Symbol.asyncDispose](): Promise<void> {
      for (const client of clients) client.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function serve(client: Socket, path: string, refused: Set<string>): Promise<void> {
  const lines = createInterface({ input: client });
  // It tells what the client's own error has told already.
  lines.on('error', () => undefined);
  const commands: string[] = [];
  lines.on('line', (line) => commands.push(line.trim()));
  const connection = await ControlConnection.connect({ kind: 'unix', path });
  client.once('close', () => connection.close());
  await authenticate(connection);
  const answer = async (command: string): Promise<string> => {
    if (/^PROTOCOLINFO/i.test(command)) {
      return '250-PROTOCOLINFO 1\r\n250-AUTH METHODS=NULL\r\n250-VERSION Tor="0.4.9.11"\r\n250 OK';
    }
    if (/^AUTHENTICATE/i.test(command)) return '250 OK';
    if (!ALLOWED.some((pattern) => pattern.test(command))) {
      refused.add(command.split(' ')[0]?.toUpperCase() ?? '');
      return '510 Command filtered';
    }
    try {
      const reply = await connection.send(command);
      const all = reply.at(-1) === 'OK' ? reply : [...reply, 'OK'];
      return all.map((line, at) => `250${at < all.length - 1 ? '-' : ' '}${line}`).join('\r\n');
    } catch (error) {
      return /(\d{3} .*)$/.exec(String(error))?.[1] ?? '551 Internal error';
    }
  };
  let turn = Promise.resolve();
  const take = (command: string): void => {
    turn = turn.then(async () => void client.write(`${await answer(command)}\r\n`));
  };
  lines.removeAllListeners('line').on('line', (line) => take(line.trim()));
  for (const command of commands.splice(0)) take(command);
}
