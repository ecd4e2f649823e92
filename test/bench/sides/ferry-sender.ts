import { once } from 'node:events';
import { send, withDataDir, withEphemeral, withKeep, withTor } from '../../../src/index.js';
import { side } from '../processes/side.js';
import { FERRY_SENDER } from './programs.js';

/** Serves one recipient after the other, until it is told to end. */
await side(FERRY_SENDER, async ({ file, bytes, tor, dataDir }, { meter, ready, signal }) => {
  const sending = send(
    [file],
    withDataDir(dataDir),
    withEphemeral(),
    withKeep(),
    withTor({ running: tor }),
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
