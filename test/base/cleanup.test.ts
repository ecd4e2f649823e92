import { describe, expect, test } from 'vitest';
import { Cleanup } from '../../src/base/cleanup.js';

describe('a cleanup', () => {
  test('runs each step once, last first, even if others fail', async () => {
    const run: string[] = [];
    const cleanup = new Cleanup();
    cleanup.add(() => void run.push('first'));
    cleanup.add(() => Promise.reject(new Error('second')));
    cleanup.add(() => void run.push('third'));
    await expect(cleanup.run()).rejects.toThrow('second');
    await expect(cleanup.run()).rejects.toThrow('second');
    expect(run).toEqual(['third', 'first']);
  });

  test('throws all errors of several steps', async () => {
    const cleanup = new Cleanup();
    for (const name of ['one', 'two']) cleanup.add(() => Promise.reject(new Error(name)));
    await expect(cleanup.run()).rejects.toMatchObject({
      errors: [new Error('two'), new Error('one')],
    });
  });

  test('only logs errors after a failure', async () => {
    const logged: string[] = [];
    const cleanup = new Cleanup();
    cleanup.add(() => Promise.reject(new Error('stuck')));
    await cleanup.runAfterFailure({
      debug: (line) => void logged.push(line),
      warn: () => undefined,
    });
    expect(logged).toEqual(['cleaning up after a failure: Error: stuck']);
  });
});
