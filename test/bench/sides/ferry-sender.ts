import { once } from 'node:events';
import {
  send,
  withCircuits,
  withDataDir,
  withEphemeral,
  withKeep,
  withRelay,
  withTor,
} from '../../../src/index.js';
import { side } from '../processes/side.js';
import { FERRY_SENDER } from './programs.js';

/** Serves one recipient after the other, until it is told to end. */
await side(FERRY_SENDER, async (options, { meter, ready, signal }) => {
  const { path, bytes, tor, dataDir, circuits, relay } = options;
  const sending = send(
    [path],
    withDataDir(dataDir),
    withEphemeral(),
    withKeep(),
    withTor({ running: tor }),
    ...(circuits === undefined ? [] : [withCircuits(circuits)]),
    ...(relay === undefined ? [] : [withRelay(relay.onion, relay.password)]),
  );
  sending.on('online', ({ invitation }) => ready(invitation));
  let received = 0;
  sending.on('peer', ({ state }) => {
    if (state === 'authenticated') meter.watch(() => received, bytes);
    received = 0;
  });
  sending.on('progress', (progress) => {
    received = progress.bytes;
  });
  await Promise.race([once(signal, 'abort'), sending.done]);
  await sending.close();
});
