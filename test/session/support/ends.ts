import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { untilAborted } from '../../../src/base/deadline.js';
import { OnionferryError } from '../../../src/base/errors.js';
import { DuplexChannel } from '../../../src/relay/duplex-channel.js';
import type { Primitives } from '../../../src/session/conversation/primitives.js';
import { SecureStream } from '../../../src/session/conversation/secure-stream.js';
import { isAdded } from '../../../src/session/conversation/stream-numbers.js';
import type { Meeting } from '../../../src/session/meeting/meeting.js';
import type { Reconnect } from '../../../src/session/reconnecting/reconnect.js';
import { nodePrimitives } from '../../../src/transfer/node-primitives.js';
import { socketPair } from '../../support/socket-pair.js';
import type { Side } from './both-sides.js';

export interface Ends {
  readonly sender: SecureStream;
  readonly recipient: SecureStream;
  readonly sockets: readonly [Socket, Socket];
}

/** A stream over a socket. */
export function secureStream(
  socket: Socket,
  role: 'sender' | 'recipient',
  root: Promise<Uint8Array>,
  stream: number,
  createAead: Primitives['createAead'] = nodePrimitives.createAead,
): SecureStream {
  return new SecureStream({ channel: new DuplexChannel(socket), role, root, stream, createAead });
}

/** Both ends of one stream under a key that nobody else has. The sender seals with `createAead`. */
export async function ends(createAead?: Primitives['createAead'], number = 0): Promise<Ends> {
  const root = Promise.resolve(randomBytes(32));
  const sockets = await socketPair();
  const sender = secureStream(sockets[0], 'sender', root, number, createAead);
  const recipient = secureStream(sockets[1], 'recipient', root, number);
  onTestFinished(() => {
    sender.destroy();
    recipient.destroy();
  });
  return { sender, recipient, sockets };
}

const none = new Uint8Array(32);

/** A meeting whose only stream stands already, of two who do not find each other again. */
export function alone(stream: SecureStream): Side {
  const keys = {
    confirmation: none,
    confirmationHash: none,
    agreement: none,
    agreementHash: none,
    stream: none,
    resumption: none,
    verification: none,
  };
  const meeting: Meeting = {
    channel: 'test',
    keys,
    openStream: async (number, { signal } = {}) => {
      if (number === 0) return stream;
      // Others are dialled, and never there.
      if (isAdded(number)) await untilAborted(new Promise(() => undefined), signal);
      throw new OnionferryError('ERR_INTERNAL', 'there is only one stream');
    },
    hasAgreed: false,
    dialMs: undefined,
    releaseAhead: () => undefined,
    abandon: () => Promise.resolve(),
  };
  const lost = new OnionferryError('ERR_PEER_GONE', 'they do not meet again');
  const reconnect: Reconnect = {
    meet: () => Promise.reject(lost),
    close: () => Promise.resolve(),
  };
  return { met: { meeting, generation: 0 }, reconnect, primitives: nodePrimitives };
}
