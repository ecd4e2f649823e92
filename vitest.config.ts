import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/support/longest-first.js';

/** Tests that need Tor; they share one private network, started once a run. */
const torTests = 'test/**/*.tor.test.ts';
/**
 * Tests that need the built program, root, a package registry or programs that not every machine
 * has, or take so long that nobody would wait for them after each change.
 */
const slowTests = 'test/**/*.slow.test.ts';

const rememberStretching = 'test/support/stretching/in-worker.ts';
const compareBytes = 'test/support/compare-bytes.ts';

// Nothing is timed: what takes so long will never end, however busy the machine is.
const testTimeout = 300_000;
const expectOptions = { poll: { timeout: 60_000 } };

/**
 * `npm test` runs what computes beside what waits for Tor, as two runs: vitest uses a worker again
 * only if the next file is of the same project. What computes steps back for what waits.
 */
const computing = { maxWorkers: 3, sequence: { groupOrder: 0 } };
/** Most of a test that needs Tor is waiting for what no core makes quicker. */
const waiting = { maxWorkers: 8, sequence: { groupOrder: 1 } };

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    globalSetup: ['test/support/stretching/of-a-run.ts'],
    projects: [
      {
        test: {
          name: 'rooms',
          ...computing,
          include: ['test/**/*.test.ts'],
          exclude: [torTests, slowTests],
          // They leave nothing behind, and a fresh start for each file costs more than its tests.
          isolate: false,
          setupFiles: [rememberStretching, compareBytes],
          testTimeout,
          expect: expectOptions,
        },
      },
      {
        test: {
          name: 'slow',
          ...computing,
          include: [slowTests],
          isolate: false,
          testTimeout,
          expect: expectOptions,
          setupFiles: [rememberStretching, compareBytes],
        },
      },
      {
        test: {
          name: 'tor',
          ...waiting,
          include: [torTests],
          isolate: false,
          globalSetup: ['test/support/private-network.ts'],
          setupFiles: [compareBytes],
          // Of a page that waits for a stream which tor itself gives up after two minutes.
          testTimeout: 2 * testTimeout,
          hookTimeout: 300_000,
          expect: expectOptions,
        },
      },
    ],
  },
});
