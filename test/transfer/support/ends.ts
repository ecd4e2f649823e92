import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { OnionferryError } from '../../../src/base/errors.js';
import type { Meeting } from '../../../src/transfer/meeting/meeting.js';
import { SecureStream } from '../../../src/transfer/secure-stream.js';
import { socketPair } from '../../support/socket-pair.js';

export interface Ends {
  readonly sender: SecureStream;
  readonly recipient: SecureStream;
  readonly sockets: readonly [Socket, Socket];
}

/** Both ends of one stream under a key that nobody else has. */
export async function ends(): Promise<Ends> {
  const root = Promise.resolve(randomBytes(32));
  const sockets = await socketPair();
  const sender = new SecureStream({ duplex: sockets[0], role: 'sender', root, stream: 0 });
  const recipient = new SecureStream({ duplex: sockets[1], role: 'recipient', root, stream: 0 });
  onTestFinished(() => {
    sender.destroy();
    recipient.destroy();
  });
  return { sender, recipient, sockets };
}

const none = new Uint8Array(32);

/** A meeting whose only stream stands already. */
export function meetingOver(stream: SecureStream): Meeting {
  const keys = { confirmation: none, confirmationHash: none, stream: none, resumption: none };
  return {
    channel: 'test',
    keys,
    openStream: (number) =>
      number === 0
        ? Promise.resolve(stream)
        : Promise.reject(new OnionferryError('ERR_CHANNEL_CLOSED', 'there is only one')),
    abandon: () => Promise.resolve(),
  };
}
