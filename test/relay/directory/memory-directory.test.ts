import { beforeEach, describe, expect, test } from 'vitest';
import { MemoryDirectory, SharedNames } from '../../../src/relay/directory/memory-directory.js';
import { describeDirectory } from './directory-contract.js';

describe('a directory in memory', () => {
  let names = new SharedNames();
  beforeEach(() => {
    names = new SharedNames();
  });
  describeDirectory((onion) => Promise.resolve(new MemoryDirectory({ onion, names })));

  test('of a relay alone gives it every name', async () => {
    const alone = new MemoryDirectory();
    expect(await alone.claim('a-b')).toBeUndefined();
    expect(await alone.find('a-b')).toBeUndefined();
    alone.release('a-b');
    await alone[Symbol.asyncDispose]();
  });
});
