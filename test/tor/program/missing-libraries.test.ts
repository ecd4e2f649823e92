import { describe, expect, test } from 'vitest';
import { packagesWith } from '../../../src/tor/program/missing-libraries.js';

/** What Debian 13's tor depends on. */
const dependencies = [
  'libc6',
  'libcap2',
  'libevent-2.1-7t64',
  'liblzma5',
  'libseccomp2',
  'libssl3t64',
  'libsystemd0',
  'libzstd1',
  'zlib1g',
  'adduser',
  'runit-helper',
];

describe('the packages that hold missing libraries', () => {
  test('are derived from the soname, with and without the suffix for 64-bit time', () => {
    expect(packagesWith(['libevent-2.1.so.7', 'libssl.so.3'], dependencies)).toEqual([
      'libevent-2.1-7t64',
      'libssl3t64',
    ]);
    expect(packagesWith(['libevent-2.1.so.7'], ['libevent-2.1-7', 'libssl3'])).toEqual([
      'libevent-2.1-7',
    ]);
  });

  test('are found by one of several libraries in a package', () => {
    expect(packagesWith(['libssl.so.3', 'libcrypto.so.3'], dependencies)).toEqual(['libssl3t64']);
  });

  test('are all library packages if no soname fits, but never libc', () => {
    expect(packagesWith(['libcrypto.so.3'], dependencies)).toEqual([
      'libcap2',
      'libevent-2.1-7t64',
      'liblzma5',
      'libseccomp2',
      'libssl3t64',
      'libsystemd0',
      'libzstd1',
      'zlib1g',
    ]);
  });
});
