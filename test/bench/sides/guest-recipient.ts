import { once } from 'node:events';
import { Agent, type AgentOptions } from 'node:http';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { parseOnionAddress } from '../../../src/onion/address.js';
import { DEFAULT_CURVE } from '../../../src/pake/curves/curve-name.js';
import { parsePassword } from '../../../src/pake/password.js';
import { HttpRelayClient } from '../../../src/relay/client/http-relay-client.js';
import { meetAsRecipient } from '../../../src/session/meeting/recipient-meeting.js';
import { receiveTransfer } from '../../../src/session/receiving/receive-transfer.js';
import { recipientReconnect } from '../../../src/session/reconnecting/recipient-reconnect.js';
import { openDestination } from '../../../src/transfer/destination/destination.js';
import { nodePrimitives } from '../../../src/transfer/node-primitives.js';
import { side } from '../processes/side.js';
import { GUEST_RECIPIENT } from './programs.js';

/** A recipient as `receive` makes it, but on the relay's unix sockets instead of through Tor. */
await side(GUEST_RECIPIENT, async (options, { meter }) => {
  const { access, words } = parsePassword(options.password);
  meter.start();
  // The agent hands its own options to each request; socketPath is one of those.
  const agent = new Agent({
    keepAlive: true,
    socketPath: join(options.relay, 'http'),
  } as AgentOptions);
  await using relay = new HttpRelayClient({
    host: options.onion,
    agent,
    dial: ({ first }) => dial(join(options.relay, 'stream'), first),
    credentials: { user: 'ferry', password: access },
  });
  const meeting = await meetAsRecipient({
    relay,
    primitives: nodePrimitives,
    onion: parseOnionAddress(options.onion),
    channel: access,
    curve: DEFAULT_CURVE,
    words,
  });
  let received = 0;
  meter.watch(() => received, options.bytes);
  const { files } = await receiveTransfer({
    met: { meeting, generation: 0 },
    reconnect: recipientReconnect({
      relay,
      primitives: nodePrimitives,
      onion: parseOnionAddress(options.onion),
      curve: DEFAULT_CURVE,
      resumption: meeting.keys.resumption,
      generation: 0,
    }),
    primitives: nodePrimitives,
    accept: (manifest) => {
      meter.firstByte();
      return openDestination({ directory: options.directory, manifest, conflict: 'fail' });
    },
    onWritten: (bytes) => {
      received = bytes;
    },
  });
  meter.stop({ sha256: files[0]?.sha256 });
  agent.destroy();
});

async function dial(path: string, first: Uint8Array | undefined): Promise<Socket> {
  const socket = connect(path);
  if (first !== undefined) socket.write(first);
  await once(socket, 'connect');
  return socket;
}
