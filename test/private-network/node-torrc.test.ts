import { expect, test } from 'vitest';
import { type NodePlan, nodeTorrc } from '../../src/private-network/node-torrc.js';

const FINGERPRINT = 'A'.repeat(40);

function torrcLines(plan: Partial<NodePlan>, guards?: readonly string[]): string[] {
  const keys = { fingerprint: FINGERPRINT, files: {} };
  const where = { nickname: 'r0', address: '127.0.0.1', orPort: 9001, directory: '/tmp/r0' };
  const schedule = { intervalSeconds: 1800, offsetSeconds: 0, delaySeconds: 2 };
  const common = { authorities: [], schedule, bandwidths: '/tmp/bandwidths', ownerPid: 1, guards };
  return nodeTorrc({ ...where, keys, weight: 1, ...plan }, common).split('\n');
}

test('a relay with a rate carries twice that in a burst, on private addresses too', () => {
  expect(torrcLines({ rateBytes: 300_000 })).toEqual(
    expect.arrayContaining([
      'CountPrivateBandwidth 1',
      'RelayBandwidthRate 300000 bytes',
      'RelayBandwidthBurst 600000 bytes',
    ]),
  );
});

test('a relay without a rate has no limit', () => {
  expect(torrcLines({}).filter((line) => line.includes('Bandwidth'))).toEqual([]);
});

test('authorities vote for the named guards and no others, or for all', () => {
  const authority = { dirPort: 9002, keys: { v3Identity: FINGERPRINT, files: {} } };
  const guardLines = (guards?: readonly string[]): string[] =>
    torrcLines({ authority }, guards).filter((line) => line.includes('VoteGuard'));
  expect(guardLines()).toEqual(['TestingDirAuthVoteGuard *']);
  expect(guardLines(['B', 'C'])).toEqual([
    'TestingDirAuthVoteGuard B,C',
    'TestingDirAuthVoteGuardIsStrict 1',
  ]);
});
