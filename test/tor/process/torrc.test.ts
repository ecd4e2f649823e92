import { describe, expect, test } from 'vitest';
import { torrcOf } from '../../../src/tor/process/torrc.js';

function linesOf(extra: string): string[] {
  return torrcOf({
    dataDirectory: '/data',
    cookieFile: '/run/cookie',
    control: { kind: 'unix', path: '/run/control' },
    socks: { kind: 'unix', path: '/run/socks' },
    ownerPid: 1,
    extra,
  }).split('\n');
}

describe('the torrc of a tor of our own', () => {
  test('makes a client, for onion services alone, that ends with its owner', () => {
    const lines = linesOf('');
    expect(lines).toContain('ClientOnly 1');
    expect(lines).toContain('__OwningControllerProcess 1');
    const socks = lines.filter((line) => line.startsWith('SocksPort '));
    expect(socks).toEqual([expect.stringMatching(/ OnionTrafficOnly(?: |"|$)/)]);
  });

  test('has no map of addresses read, unless a line of the user names a country', () => {
    expect(linesOf('')).toContain('GeoIPFile /dev/null');
    expect(linesOf('UseBridges 1')).toContain('GeoIPv6File /dev/null');
    for (const line of ['ExcludeNodes {xx},{yy}', 'ExcludeExitNodes {??}']) {
      expect(linesOf(line).filter((other) => other.startsWith('GeoIP'))).toEqual([]);
    }
  });

  test('waits less than a minute for a circuit while nothing is known, but not through a bridge', () => {
    expect(linesOf('')).toContain('CircuitBuildTimeout 20');
    expect(linesOf('UseBridges 1').join('\n')).not.toContain('CircuitBuildTimeout');
    const own = linesOf('CircuitBuildTimeout 90').filter((line) => line.startsWith('CircuitB'));
    expect(own.at(-1)).toBe('CircuitBuildTimeout 90');
  });

  test('lets a line of the user count where it only saves time, and never where it must not', () => {
    const lines = linesOf('GeoIPFile /usr/share/tor/geoip\nDataDirectory /elsewhere');
    const last = (name: string): string | undefined =>
      lines.filter((line) => line.startsWith(`${name} `)).at(-1);
    expect(last('GeoIPFile')).toBe('GeoIPFile /usr/share/tor/geoip');
    expect(last('DataDirectory')).toBe('DataDirectory "/data"');
  });
});
