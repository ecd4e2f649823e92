import { fileURLToPath } from 'node:url';
import { mutatedRoom } from './rooms.js';

/**
 * Mutation of the rooms whose defects would cost people their secrets or their files; see
 * CONTRIBUTING.md.
 *
 * @type {import('@stryker-mutator/core').PartialStrykerOptions}
 */
export default {
  packageManager: 'npm',
  testRunner: 'vitest',
  vitest: { configFile: 'test/mutation/vitest.config.js', related: false },
  plugins: [
    '@stryker-mutator/vitest-runner',
    fileURLToPath(new URL('ignore-sentences.js', import.meta.url)),
  ],
  ignorers: ['sentences'],
  mutate: [mutatedRoom().mutate],
  ignorePatterns: ['dist', 'vendor-tor/*/'],
  concurrency: 2,
  dryRunTimeoutMinutes: 20,
  // A mutant that never ends is found by the clock; a busy machine must not be taken for one.
  timeoutMS: 20_000,
  timeoutFactor: 4,
  reporters: ['clear-text', 'progress', 'json'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  jsonReporter: { fileName: 'node_modules/.cache/mutation.json' },
  tempDirName: 'node_modules/.cache/stryker',
  thresholds: { high: 95, low: 90, break: 90 },
};
