import { fetch } from '../pages/fetch.js';
import { side } from '../processes/side.js';
import { PAGE_CLIENT } from './programs.js';

/** Fetches one thing and forgets it. */
await side(PAGE_CLIENT, async ({ socket, path, bytes }, { meter }) => {
  let got = 0;
  meter.watch(() => got, bytes);
  meter.start();
  const { status } = await fetch({
    socket,
    path,
    onBytes: (count) => {
      meter.firstByte();
      got += count;
    },
  });
  meter.stop();
  if (status !== 200) throw new Error(`status ${status}`);
});
