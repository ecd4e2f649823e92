import { receive, withDataDir, withOutput, withTor } from '../../../src/index.js';
import { side } from '../processes/side.js';
import { FERRY_RECIPIENT } from './programs.js';

await side(FERRY_RECIPIENT, async (options, { meter }) => {
  const { invitation, tor, dataDir, directory, bytes } = options;
  meter.start();
  const receiving = receive(
    invitation,
    withDataDir(dataDir),
    withOutput(directory),
    withTor({ running: tor }),
  );
  let received = 0;
  let sha256: string | undefined;
  meter.watch(() => received, bytes);
  receiving.on('offer', () => meter.firstByte());
  receiving.on('progress', (progress) => {
    received = progress.bytes;
  });
  receiving.on('file', (file) => {
    sha256 = file.sha256;
  });
  await receiving.done;
  meter.stop(sha256);
});
