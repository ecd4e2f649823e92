import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { parseMonitorAddress } from '../../../src/cli/services/monitor-address.js';

describe('the address of the monitor', () => {
  it.each([
    '0.0.0.0:9100',
    '192.168.1.1:80',
    ':9100',
    '9100',
    'localhost',
    'a.onion:80',
    '127.0.0.1:99999',
  ])('is not opened to others by %j', (address) => {
    expect(() => parseMonitorAddress(address)).toThrow('--metrics takes');
  });

  it('is on loopback or a unix socket', () => {
    expect(parseMonitorAddress('unix:/run/x')).toEqual({ kind: 'unix', path: '/run/x' });
    expect(parseMonitorAddress('[::1]:9100')).toEqual({
      kind: 'loopback',
      host: '::1',
      port: 9100,
    });
  });

  it('is understood without the library for metrics, which every command would load', async () => {
    // Another file may have loaded it in this worker, and others will.
    vi.resetModules();
    vi.doMock('prom-client', () => {
      throw new Error('prom-client was loaded');
    });
    onTestFinished(() => {
      vi.doUnmock('prom-client');
      vi.resetModules();
    });
    await expect(import('../../../src/cli/commands/run.js')).resolves.toBeDefined();
    await expect(import('../../../src/cli/services/monitor.js')).rejects.toThrow();
  });
});
