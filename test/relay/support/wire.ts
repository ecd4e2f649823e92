import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import type { RelayLimits } from '../../../src/relay/limits.js';
import type { RelayServer } from '../../../src/relay/server/start-relay.js';
import type { WireCode } from '../../../src/relay-protocol/refusal.js';
import type { RelayClient } from '../../../src/relay-protocol/relay-client.js';
import { confirmedPair, type Pair } from './confirmed-pair.js';
import { AUTHORIZATION, runningRelay } from './running-relay.js';

export const OK = '{"ok":true}\n';

export function refused(code: WireCode): string {
  return `${JSON.stringify({ error: { code } })}\n`;
}

/** One raw connection to the stream port that keeps everything it gets. */
export class Wire {
  readonly socket: Socket;
  text = '';

  constructor(path: string, allowHalfOpen: boolean) {
    this.socket = createConnection({ path, allowHalfOpen });
    this.socket.setEncoding('latin1');
    this.socket.on('data', (piece: string) => {
      this.text += piece;
    });
    this.socket.on('error', () => undefined);
    onTestFinished(() => {
      this.socket.destroy();
    });
  }

  async until(text: string): Promise<void> {
    while (!this.text.includes(text)) await once(this.socket, 'data');
  }

  /** @returns everything it has got when the relay has ended it */
  async ended(): Promise<string> {
    if (!this.socket.readableEnded) await once(this.socket, 'end');
    return this.text;
  }
}

export type Side = 'sender' | 'recipient';

/** A relay with a pair, and what is needed to open streams between the two. */
export class Scene {
  readonly relay: RelayServer;
  readonly pair: Pair;

  constructor(relay: RelayServer, pair: Pair) {
    this.relay = relay;
    this.pair = pair;
  }

  wire({ halfOpen = false }: { halfOpen?: boolean } = {}): Wire {
    return new Wire(this.relay.streamSocket, halfOpen);
  }

  /** The hello of one side, with its line feed */
  hello(side: Side, stream = 0, changes: object = {}): string {
    const place = { channel: this.pair.channel, uuid: this.pair[side], stream };
    return `${JSON.stringify({ ...place, authorization: AUTHORIZATION, ...changes })}\n`;
  }

  /** Both sides' connections, joined */
  async joined({ halfOpen = false }: { halfOpen?: boolean } = {}): Promise<[Wire, Wire]> {
    const [sender, recipient] = [this.wire({ halfOpen }), this.wire({ halfOpen })];
    sender.socket.write(this.hello('sender'));
    recipient.socket.write(this.hello('recipient'));
    await Promise.all([sender.until(OK), recipient.until(OK)]);
    return [sender, recipient];
  }

  /** Whether one more stream of each side is let in and joined */
  async joinsLocally(stream: number): Promise<boolean> {
    const streams = await Promise.all(
      [this.pair.sender, this.pair.recipient].map(async (uuid) => {
        const dialled = await this.relay.local.dialStream();
        return dialled.hello({ channel: this.pair.channel, uuid, stream });
      }),
    );
    const answers = streams.map(({ channel }) => channel.then(() => true));
    const joined = await Promise.all(answers).then(
      () => true,
      () => false,
    );
    for (const one of streams) one.destroy();
    return joined;
  }
}

export async function scene(
  limits: Partial<RelayLimits> = {},
  pairUp: (access: RelayClient) => Promise<Pair> = confirmedPair,
): Promise<Scene> {
  const relay = await runningRelay(limits);
  return new Scene(relay, await pairUp(relay.local));
}
