import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/support/longest-first.js';

/** Tests that need Tor; they share one private network, started once a run. */
const torTests = 'test/**/*.tor.test.ts';
/**
 * Tests that need the built program, root, a package registry or programs that not every machine
 * has, or take so long that nobody would wait for them after each change: `FAST=1` leaves them out.
 */
const slowTests = 'test/**/*.slow.test.ts';
/** It fetches 200 MB of other Nodes from npm's registry: `NODES=all` (`npm run nodes`) lets it. */
const otherNodes = 'test/e2e/other-nodes.tor.test.ts';

const rememberStretching = 'test/support/stretching/in-worker.ts';
const compareBytes = 'test/support/compare-bytes.ts';

// Nothing is timed: what takes so long will never end, however busy the machine is.
const testTimeout = 300_000;
const expectOptions = { poll: { timeout: 60_000 } };

/**
 * `npm test` runs the two projects beside each other, as two runs: a worker is used again only if
 * the next file is of the same project. What computes steps back for what waits for Tor.
 */
export default defineConfig({
  test: {
    // A log that keeps only its end still holds what failed.
    reporters: process.env['CI'] === undefined ? ['default'] : ['minimal'],
    sequence: { sequencer: LongestFirst },
    globalSetup: ['test/support/stretching/of-a-run.ts'],
    projects: [
      {
        test: {
          name: 'rooms',
          maxWorkers: 3,
          sequence: { groupOrder: 0 },
          include: ['test/**/*.test.ts'],
          exclude: process.env['FAST'] === undefined ? [torTests] : [torTests, slowTests],
          // They leave nothing behind, and a fresh start for each file costs more than its tests.
          isolate: false,
          setupFiles: [rememberStretching, compareBytes],
          testTimeout,
          hookTimeout: testTimeout,
          expect: expectOptions,
        },
      },
      {
        test: {
          name: 'tor',
          // Most of such a test is waiting for what no core makes quicker.
          maxWorkers: 7,
          sequence: { groupOrder: 1 },
          include: [torTests],
          exclude: process.env['NODES'] === undefined ? [otherNodes] : [],
          isolate: false,
          globalSetup: ['test/support/private-network.ts'],
          setupFiles: [compareBytes],
          // Of a page that waits for a stream which tor itself gives up after two minutes.
          testTimeout: 2 * testTimeout,
          hookTimeout: testTimeout,
          expect: expectOptions,
        },
      },
    ],
  },
});
