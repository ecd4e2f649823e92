import { defineConfig } from 'vitest/config';

/** Tests that need Tor end in `.tor.test.ts`; they share one private network, started once a run. */
const torTests = 'test/**/*.tor.test.ts';

export default defineConfig({
  test: {
    // Two cores: more workers only make the tests that share the Tor network wait longer.
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'rooms',
          include: ['test/**/*.test.ts'],
          exclude: [torTests],
          testTimeout: 30_000,
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
