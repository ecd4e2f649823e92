import { defineConfig } from 'vitest/config';
import { askedTests } from './rooms.js';

/** The tests that must notice a mutant. */
export default defineConfig({
  test: {
    include: askedTests(),
    exclude: ['test/**/*.tor.test.ts', 'test/**/*.slow.test.ts'],
    setupFiles: ['test/support/stretching/in-worker.ts', 'test/mutation/end-on-failure.js'],
    globalSetup: ['test/support/stretching/of-a-run.ts'],
    // Code that counts what runs is slow where it runs half a million times.
    testTimeout: 60_000,
  },
});
