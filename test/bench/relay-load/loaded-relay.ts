import { startRelay } from '../../../src/relay/server/start-relay.js';

/** What it tells of its process */
export interface Told {
  readonly rssBytes: number;
  readonly cpuSeconds: number;
}

// A process of its own: a relay in the folder named, which tells of itself when it is asked.
const [, , directory = '', user = '', password = ''] = process.argv;
const relay = await startRelay({
  credentials: { user, password },
  directory,
  remoteSenders: true,
});
const tell = (told: Told): void => void process.send?.(told);
process.on('message', () => {
  const { user: ran, system } = process.cpuUsage();
  tell({ rssBytes: process.memoryUsage.rss(), cpuSeconds: (ran + system) / 1e6 });
});
process.once('disconnect', () => void relay.close());
tell({ rssBytes: process.memoryUsage.rss(), cpuSeconds: 0 });
