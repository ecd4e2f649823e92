import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/support/longest-first.js';

/** Tests that need Tor end in `.tor.test.ts`; they share one private network, started once a run. */
const torTests = 'test/**/*.tor.test.ts';

export default defineConfig({
  test: {
    // On two cores: most of a test that needs Tor is waiting for what no core makes quicker.
    maxWorkers: 5,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'rooms',
          include: ['test/**/*.test.ts'],
          exclude: [torTests],
          // Nothing is timed here: what takes so long will never end, however busy the machine is.
          testTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'tor',
          include: [torTests],
          globalSetup: ['test/support/private-network.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
