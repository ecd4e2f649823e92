import { statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import type { RelayEvent } from '../../../src/api/events.js';
import { Monitor } from '../../../src/cli/services/monitor.js';
import { Tally } from '../../../src/relay/server/tally.js';
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
    await using monitor = new Monitor({ kind: 'unix', path }, ['a', 'b']);
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

  it('knows each service before it was started, as one that is not online and has done nothing', async () => {
    const path = join(await temporaryDirectory(), 'metrics.sock');
    await using monitor = new Monitor({ kind: 'unix', path }, ['a']);
    await monitor.listen();
    expect(await ask(path, '/healthz')).toEqual({
      ...{ status: 503, body: '{"services":{"a":"starting"}}\n' },
    });
    const { body } = await ask(path, '/metrics');
    expect(body.split('\n')).toEqual(
      expect.arrayContaining([
        'onionferry_online{service="a"} 0',
        ...['visits', 'wrong_passwords', 'files', 'file_bytes', 'purged_files', 'warnings']
          .concat('starts')
          .map((name) => `onionferry_${name}_total{service="a"} 0`),
      ]),
    );
    monitor.event('a', { event: 'visit', visitors: 1 });
    monitor.state('a', 'failing');
    monitor.state('a', 'starting');
    expect((await ask(path, '/metrics')).body).toContain('onionferry_visits_total{service="a"} 1');
  });

  it('counts what relays do over all their starts, and has nothing of it for others', async () => {
    const path = join(await temporaryDirectory(), 'metrics.sock');
    await using monitor = new Monitor({ kind: 'unix', path }, ['a', 'b'], ['b']);
    await monitor.listen();
    const linesOfRelays = async (): Promise<string[]> => {
      const { body } = await ask(path, '/metrics');
      return body.split('\n').filter((line) => line.startsWith('onionferry_relay_'));
    };
    expect(await linesOfRelays()).toEqual([
      ...['channels', 'pairs', 'places_taken', 'places_free']
        .concat('channels_opened_total', 'channels_refused_total', 'pairs_made_total')
        .concat('bytes_total', 'wrong_doors_total', 'failed_guesses_total')
        .map((name) => `onionferry_relay_${name}{service="b"} 0`),
    ]);
    const event = (bytes: number, refused: number): RelayEvent => {
      const tally = new Tally();
      tally.bytes = bytes;
      for (let count = 0; count < refused; count++) tally.refused('relay-full');
      return { event: 'relay', ...tally.counts(2, 1, 10) };
    };
    monitor.event('b', event(100, 1));
    monitor.event('b', event(150, 1));
    expect(await linesOfRelays()).toEqual(
      expect.arrayContaining([
        'onionferry_relay_channels{service="b"} 2',
        'onionferry_relay_places_free{service="b"} 7',
        'onionferry_relay_bytes_total{service="b"} 150',
        'onionferry_relay_refusals_total{service="b",reason="relay-full"} 1',
      ]),
    );
    monitor.state('b', 'failing');
    expect(await linesOfRelays()).toContain('onionferry_relay_places_taken{service="b"} 0');
    monitor.event('b', event(10, 2));
    expect(await linesOfRelays()).toEqual(
      expect.arrayContaining([
        'onionferry_relay_bytes_total{service="b"} 160',
        'onionferry_relay_refusals_total{service="b",reason="relay-full"} 3',
      ]),
    );
  });

  it('takes the place of a socket that was left, and of nothing else', async () => {
    const path = join(await temporaryDirectory(), 'metrics.sock');
    const left = new Monitor({ kind: 'unix', path }, []);
    await left.listen();
    {
      await using next = new Monitor({ kind: 'unix', path }, []);
      await next.listen();
    }
    await left[Symbol.asyncDispose]();
    writeFileSync(path, 'mine');
    await using other = new Monitor({ kind: 'unix', path }, []);
    await expect(other.listen()).rejects.toMatchObject({ code: 'ERR_DESTINATION' });
  });
});
