import { once } from 'node:events';
import { onTestFinished } from 'vitest';
import { type ClientOptions, WebSocket } from 'ws';
import { WEB_SOCKET_PATH } from '../../../src/relay-protocol/wire.js';

const HOST = 'relay.test';

/** One WebSocket to a relay, as a page opens it, that keeps everything it gets. */
export class WebWire {
  readonly socket: WebSocket;
  text = '';

  constructor(httpSocket: string, { path = WEB_SOCKET_PATH, ...options }: WebWireOptions = {}) {
    this.socket = new WebSocket(`ws+unix:${httpSocket}:${path}`, {
      origin: `http://${HOST}`,
      ...options,
      headers: { host: HOST, ...options.headers },
    });
    this.socket.binaryType = 'nodebuffer';
    this.socket.on('message', (piece: Buffer) => {
      this.text += piece.toString('latin1');
    });
    this.socket.on('error', () => undefined);
    onTestFinished(() => this.socket.terminate());
  }

  async open(): Promise<this> {
    if (this.socket.readyState !== WebSocket.OPEN) await once(this.socket, 'open');
    return this;
  }

  async until(text: string): Promise<void> {
    while (!this.text.includes(text)) await once(this.socket, 'message');
  }

  /** @returns everything it has got when the relay has closed it */
  async ended(): Promise<string> {
    if (this.socket.readyState !== WebSocket.CLOSED) await once(this.socket, 'close');
    return this.text;
  }
}

export interface WebWireOptions extends ClientOptions {
  readonly path?: string;
}

/** The status of the answer that an upgrade was refused with. */
export async function upgradeRefused(wire: WebWire): Promise<number> {
  const [, response] = (await once(wire.socket, 'unexpected-response')) as [
    unknown, // the event's documented arguments
    { statusCode: number },
  ];
  return response.statusCode;
}
