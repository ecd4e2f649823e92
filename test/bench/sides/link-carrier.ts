import { once } from 'node:events';
import { carryLinks } from '../links/carry-link.js';
import { side } from '../processes/side.js';
import { LINK_CARRIER } from './programs.js';

/** Delays the links of a private Tor network, until it is told to end. */
await side(LINK_CARRIER, async ({ links }, { ready, signal }) => {
  const carried = await carryLinks(links);
  ready('');
  await once(signal, 'abort');
  await carried[Symbol.asyncDispose]();
});
