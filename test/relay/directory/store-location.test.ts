import { describe, expect, test } from 'vitest';
import {
  formatStoreLocation,
  parseStoreLocation,
} from '../../../src/relay/directory/store-location.js';

const TCP = { kind: 'tcp', port: 6379, isEncrypted: false, user: undefined, database: 0 };

describe('the location of a store', () => {
  test.each([
    ['/run/redis/redis.sock', { kind: 'unix', path: '/run/redis/redis.sock' }],
    ['unix:/run/redis.sock', { kind: 'unix', path: '/run/redis.sock' }],
    ['redis://10.0.0.1', { ...TCP, host: '10.0.0.1' }],
    [
      'redis://ferry@store:7000/3',
      { ...TCP, host: 'store', port: 7000, user: 'ferry', database: 3 },
    ],
    ['rediss://store/', { ...TCP, host: 'store', isEncrypted: true }],
    ['redis://[fd00::1]:7000', { ...TCP, host: 'fd00::1', port: 7000 }],
  ])('is read from %s', (text, location) => {
    expect(parseStoreLocation(text)).toEqual(location);
  });

  test.each([
    'redis.sock',
    'http://store',
    'redis://',
    'redis://store/16',
    'redis://store/x',
    'redis://store?db=1',
  ])('is not %s', (text) => {
    expect(() => parseStoreLocation(text)).toThrow(expect.objectContaining({ code: 'ERR_USAGE' }));
  });

  test('holds no password, and the refusal does not repeat it', () => {
    expect(() => parseStoreLocation('redis://:hunter2@store')).toThrow(/password does not belong/);
    expect(() => parseStoreLocation('redis://:hunter2@store')).not.toThrow(/hunter2/);
  });

  test('is written as people know it', () => {
    expect(formatStoreLocation(parseStoreLocation('redis://[fd00::1]:7000'))).toBe(
      '[fd00::1]:7000',
    );
    expect(formatStoreLocation(parseStoreLocation('unix:/run/redis.sock'))).toBe('/run/redis.sock');
  });
});
