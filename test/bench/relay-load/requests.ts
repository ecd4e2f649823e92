import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { json } from 'node:stream/consumers';
import { formatAuthorization } from '../../../src/base/authorization.js';

export const CREDENTIALS = { user: 'ferry', password: 'loaded' };

/** As many as a relay keeps for one circuit (keptPerCircuit) */
const CONNECTIONS = 8;

/** A client behind a circuit of its own, as tor would announce it. It keeps its connections. */
export class Client {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  readonly #socketPath: string;

  constructor(socketPath: string, circuit: number) {
    this.#socketPath = socketPath;
    this.#agent.createConnection = () => {
      const socket = connect(socketPath);
      const number = circuit.toString(16);
      socket.write(`PROXY TCP6 fc00:dead:beef:4dad::0:${number} ::1 65535 80\r\n`);
      return socket;
    };
  }

  /** @returns what was replied, whatever the status */
  async post(path: '/join' | '/channel', body: object | string): Promise<Reply> {
    const outgoing = request({
      ...{ agent: this.#agent, socketPath: this.#socketPath, path, method: 'POST' },
      headers: {
        authorization: formatAuthorization(CREDENTIALS),
        'content-type': 'application/json',
      },
    });
    // It may fail once more after its reply was waited for.
    outgoing.on('error', () => undefined);
    outgoing.end(typeof body === 'string' ? body : JSON.stringify(body));
    const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
    // Only our own relay answers.
    const reply = (await json(incoming)) as Record<string, unknown>;
    return { status: incoming.statusCode ?? 0, body: reply };
  }

  close(): void {
    this.#agent.destroy();
  }
}

export interface Reply {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

export function nonce(): string {
  return randomBytes(16).toString('base64url');
}
