import { fingerprint } from '../content.js';
import { side } from '../processes/side.js';
import { withoutSync } from '../processes/without-sync.js';
import { FERRY_RECIPIENT } from './programs.js';

await side(FERRY_RECIPIENT, async (options, { meter }) => {
  const { invitation, tor, dataDir, directory, bytes, circuits, sync } = options;
  if (!sync) await withoutSync();
  // Only now: what it has taken of node:fs by then is what it syncs with.
  const { receive, withCircuits, withDataDir, withOutput, withTor } = await import(
    '../../../src/index.js'
  );
  meter.start();
  const receiving = receive(
    invitation,
    withDataDir(dataDir),
    withOutput(directory),
    withTor({ running: tor }),
    ...(circuits === undefined ? [] : [withCircuits(circuits)]),
  );
  let received = 0;
  const hashes: string[] = [];
  meter.watch(() => received, bytes);
  receiving.on('offer', () => meter.firstByte());
  receiving.on('progress', (progress) => {
    if (progress.bytes > received) meter.content();
    received = progress.bytes;
  });
  receiving.on('file', ({ sha256 }) => void hashes.push(sha256 ?? ''));
  const done = await receiving.done;
  meter.stop({ sha256: fingerprint(hashes), circuits: done.circuits });
});
