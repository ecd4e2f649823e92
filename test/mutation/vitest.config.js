import { defineConfig } from 'vitest/config';
import { mutatedRoom } from './rooms.js';

/** The tests that must notice a mutant. */
export default defineConfig({
  test: {
    include: mutatedRoom().tests.map((folder) => `test/${folder}/**/*.test.ts`),
    exclude: ['test/**/*.tor.test.ts', 'test/**/*.slow.test.ts'],
    setupFiles: ['test/support/stretching/in-worker.ts'],
    globalSetup: ['test/support/stretching/of-a-run.ts'],
    testTimeout: 20_000,
  },
});
