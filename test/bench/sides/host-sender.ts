import { dirname } from 'node:path';
import { parseOnionAddress } from '../../../src/onion/address.js';
import { DEFAULT_CURVE } from '../../../src/pake/curves/curve-name.js';
import { parsePassword } from '../../../src/pake/password.js';
import { startRelay } from '../../../src/relay/server/start-relay.js';
import { createGuessLimit } from '../../../src/session/meeting/guess-limit.js';
import { openSenderChannel } from '../../../src/session/meeting/sender-meeting.js';
import { senderReconnect } from '../../../src/session/reconnecting/sender-reconnect.js';
import { sendTransfer } from '../../../src/session/sending/send-transfer.js';
import { nodePrimitives } from '../../../src/transfer/node-primitives.js';
import { fileSource } from '../../../src/transfer/source/file-source.js';
import { side } from '../processes/side.js';
import { HOST_SENDER } from './programs.js';

/** A sender with the relay in its own process, as `send` makes it, but without Tor in front. */
await side(HOST_SENDER, async (options, { meter, ready }) => {
  const { access, words } = parsePassword(options.password);
  await using relay = await startRelay({
    credentials: { user: 'ferry', password: access },
    directory: options.directory,
    circuitLine: false,
  });
  await using source = await fileSource([options.file]);
  const channel = await openSenderChannel({
    relay: relay.local,
    primitives: nodePrimitives,
    onion: parseOnionAddress(options.onion),
    channel: access,
    curve: DEFAULT_CURVE,
    words,
    guesses: createGuessLimit(),
  });
  const coming = channel.meet();
  ready(dirname(relay.httpSocket));
  let received = 0;
  meter.watch(() => received, options.bytes);
  const meeting = await coming;
  await sendTransfer({
    met: { meeting, generation: 0 },
    reconnect: senderReconnect({
      relay: relay.local,
      primitives: nodePrimitives,
      onion: parseOnionAddress(options.onion),
      curve: DEFAULT_CURVE,
      resumption: meeting.keys.resumption,
      generation: 0,
      current: meeting,
    }),
    source,
    primitives: nodePrimitives,
    onWritten: (bytes) => {
      received = bytes;
    },
  });
  await channel.close();
});
