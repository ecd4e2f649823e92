import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createIdentity } from '../../src/onion/identity.js';
import { HttpRelayClient } from '../../src/relay/client/http-relay-client.js';
import { type RelayServer, startRelay } from '../../src/relay/server/start-relay.js';
import type { RelayClient } from '../../src/relay-protocol/relay-client.js';

const CREDENTIALS = { user: 'ferry', password: 'soaked' };
/** What has ended on one side takes a moment to end on the other. */
const SETTLE_MS = 3_000;

/** One party's way to the relay, whose connections break when it is told so. */
export interface Way extends AsyncDisposable {
  readonly relay: RelayClient;
  breakAll(): void;
}

/** A real relay on unix sockets, and a folder for what is sent. */
export class SoakedRelay implements AsyncDisposable {
  readonly onion = createIdentity().address;
  readonly directory: string;
  readonly #relay: RelayServer;
  readonly #channels: number;

  private constructor(directory: string, relay: RelayServer, channels: number) {
    this.directory = directory;
    this.#relay = relay;
    this.#channels = channels;
  }

  static async start({ channels }: { channels: number }): Promise<SoakedRelay> {
    const directory = await mkdtemp(join(tmpdir(), 'onionferry-soak-'));
    const relay = await startRelay({
      credentials: CREDENTIALS,
      directory,
      circuitLine: false,
      remoteSenders: true,
      limits: { channels },
    });
    return new SoakedRelay(directory, relay, channels);
  }

  way(): Way {
    const sockets = new Set<Socket>();
    const { httpSocket, streamSocket } = this.#relay;
    const kept = (socket: Socket): Socket => {
      sockets.add(socket);
      return socket.once('close', () => sockets.delete(socket)).on('error', () => undefined);
    };
    const agent = new Agent({ keepAlive: true });
    agent.createConnection = () => kept(connect(httpSocket));
    const relay = new HttpRelayClient({
      host: 'relay.test',
      agent,
      dial: ({ first }) =>
        new Promise((resolve, reject) => {
          const socket = kept(connect(streamSocket));
          socket.once('error', reject).once('connect', () => resolve(socket));
          if (first !== undefined) socket.write(first);
        }),
      credentials: CREDENTIALS,
    });
    const breakAll = (): void => sockets.forEach((socket) => socket.destroy());
    return {
      relay,
      breakAll,
      async [Symbol.asyncDispose](): Promise<void> {
        await relay.close();
        agent.destroy();
        breakAll();
      },
    };
  }

  /** Waits until what has ended is forgotten. */
  async settle(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  }

  /** How many are there: as many fewer can be opened. They are closed again. */
  async countChannels(): Promise<number> {
    const { local } = this.#relay;
    const opened = [];
    for (let n = 0; n < this.#channels; n++) {
      const nonce = randomBytes(16).toString('base64url');
      const joined = await local.join({ role: 'sender', nonce }).catch(() => undefined);
      if (joined === undefined) break;
      opened.push(joined);
    }
    for (const { channel, uuid } of opened) await local.channel({ channel, uuid, close: true });
    return this.#channels - opened.length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#relay.close();
    await rm(this.directory, { recursive: true, force: true });
  }
}
