import { randomUUID } from 'node:crypto';
import type { OnionAddress } from '../../../src/onion/address.js';
import { dialOnion } from '../../../src/tor/dial/dial-onion.js';
import type { SidePrograms } from '../processes/start-side.js';
import type { TorPair } from '../tor-bench.js';

/** What every way through the private Tor network needs. */
export interface Ground {
  readonly sides: SidePrograms;
  readonly tors: TorPair;
  /** For sockets and data of processes. */
  readonly directory: string;
  readonly signal: AbortSignal;
}

export const COUNTED =
  'from before the recipient’s first dial (fresh circuits each run, the descriptor known) until the content is on disk (fsync); onionferry’s attaching to the running tor, its key agreement and receipt included';

/** Lets the client's tor fetch a service's descriptor, so that it is known to every run alike. */
export async function reach({ tors }: Ground, onion: OnionAddress): Promise<void> {
  const { socks } = tors.client.tor;
  const socket = await dialOnion({ socks, onion, port: 80, isolation: randomUUID() });
  socket.destroy();
}
