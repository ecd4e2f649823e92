import { statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { Monitor, parseMonitorAddress } from '../../../src/cli/services/monitor.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';

function ask(socketPath: string, path: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    request({ socketPath, path }, (reply) => {
      text(reply).then((body) => resolve({ status: reply.statusCode ?? 0, body }), reject);
    })
      .on('error', reject)
      .end();
  });
}

describe('the monitor', () => {
  it('counts by service, and says whether all are online', async () => {
    const path = join(await temporaryDirectory(), 'metrics.sock');
    await using monitor = new Monitor({ kind: 'unix', path });
    await monitor.listen();
    expect(statSync(path).mode & 0o007).toBe(0);
    for (const name of ['a', 'b']) monitor.state(name, 'starting');
    monitor.state('a', 'online');
    expect(await ask(path, '/healthz')).toEqual({
      ...{ status: 503, body: '{"services":{"a":"online","b":"starting"}}\n' },
    });
    monitor.state('b', 'online');
    expect((await ask(path, '/healthz')).status).toBe(200);
    monitor.event('a', { event: 'file', path: 'secret-name', bytes: 7, sha256: 'x' });
    monitor.event('a', { event: 'refused', attempts: 3, total: 3 });
    const { body } = await ask(path, '/metrics');
    expect(body.split('\n')).toEqual(
      expect.arrayContaining([
        'onionferry_file_bytes_total{service="a"} 7',
        'onionferry_file_bytes_total{service="b"} 0',
        'onionferry_wrong_passwords_total{service="a"} 3',
        'onionferry_online{service="b"} 1',
        'onionferry_starts_total{service="a"} 1',
      ]),
    );
    expect(body).not.toContain('secret-name');
    expect((await ask(path, '/other')).status).toBe(404);
  });

  it('takes the place of a socket that was left, and of nothing else', async () => {
    const path = join(await temporaryDirectory(), 'metrics.sock');
    const left = new Monitor({ kind: 'unix', path });
    await left.listen();
    {
      await using next = new Monitor({ kind: 'unix', path });
      await next.listen();
    }
    await left[Symbol.asyncDispose]();
    writeFileSync(path, 'mine');
    await using other = new Monitor({ kind: 'unix', path });
    await expect(other.listen()).rejects.toMatchObject({ code: 'ERR_DESTINATION' });
  });

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
});
