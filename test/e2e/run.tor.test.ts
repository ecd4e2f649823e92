import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { expect, inject } from 'vitest';
import { form, type Part } from '../pages/inbox/running-inbox.js';
import { hashOf, sha256 } from '../support/carry.js';
import { halfway } from '../support/halfway.js';
import { test } from '../support/stage.js';
import { startVisitor } from '../support/visitor.js';

const PASSWORD = 'kept in a file: of this service';
/** Takes some seconds: there is time to be told to end. */
const CONTENT = randomBytes(1_500_000);
const LINE = { bytesPerSecond: 400_000 };

function ask(socketPath: string, path: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    request({ socketPath, path }, (reply) => {
      text(reply).then((body) => resolve({ status: reply.statusCode ?? 0, body }), reject);
    })
      .on('error', reject)
      .end();
  });
}

test('several services run over one tor, each by its own, and drain at SIGTERM', async ({
  stage,
}) => {
  const password = await stage.file('password', PASSWORD);
  await stage.file('docs/large', CONTENT);
  const hook = await stage.file('hook', '#!/bin/sh\ntest "$ONIONFERRY_UPLOAD_NAMES" = good.txt\n');
  await chmod(hook, 0o700);
  const metrics = stage.at('metrics.sock');
  const services = await stage.file(
    'services',
    `
metrics ${metrics}
drain 15s
[share docs]
path ${stage.at('docs')}
password-file ${password}
[inbox press]          # what others send
path ${stage.at('press')}
password-file ${password}
hook ${hook}
quota 1MB
no-names yes
[relay public]
relay-password-file ${password}
[inbox broken]
path ${stage.at('password')}/below-a-file
password-file ${password}
`,
  );
  const running = await stage.start(['run', services, '--json'], LINE);
  const told = running.events as readonly (Record<string, unknown> & { readonly event: string })[];
  const of = (service: string, event: string): Record<string, unknown> | undefined =>
    told.find((one) => one['service'] === service && one.event === event);
  const health = async (): Promise<unknown> => JSON.parse((await ask(metrics, '/healthz')).body);
  await running.told('online', ({ url }) => url === of('docs', 'online')?.['url']);
  await expect
    .poll(() => ['docs', 'press', 'public'].map((name) => of(name, 'online')))
    .toEqual(
      Array.from({ length: 3 }, () => expect.objectContaining({ event: 'online' }) as unknown),
    );
  // One that cannot be started keeps the others from nothing, and is tried again.
  await expect.poll(health).toEqual({
    services: { docs: 'online', press: 'online', public: 'online', broken: 'failing' },
  });
  expect((await ask(metrics, '/healthz')).status).toBe(503);
  await expect
    .poll(() => of('broken', 'log'))
    .toMatchObject({ level: 'error', code: 'ERR_DESTINATION' });
  // One address for each, and one tor.
  const onionOf = (name: string): string => String(of(name, 'online')?.['onion']);
  expect(new Set(['docs', 'press', 'public'].map(onionOf)).size).toBe(3);

  await using visitor = await startVisitor(stage.path, inject('torrc'));
  const door = (name: string) => ({ onion: onionOf(name), user: 'ferry', password: PASSWORD });
  const sending = (part: Part): ReturnType<typeof visitor.visit> => {
    const { headers, body } = form(part);
    return visitor.visit(door('press'), '/', { method: 'POST', headers, body });
  };
  expect((await sending({ name: 'good.txt', content: 'good' })).status).toBe(303);
  expect((await sending({ name: 'bad.txt', content: 'bad' })).status).toBe(422);
  expect((await readdir(stage.at('press'))).filter((name) => !name.startsWith('.'))).toEqual([
    'good.txt',
  ]);
  // What the visitor reads and what the program says come by different ways, in either order.
  await expect
    .poll(() => of('press', 'file'))
    .toEqual({
      ...{
        time: expect.any(String) as string,
        service: 'press',
        event: 'file',
        path: '',
        bytes: 4,
      },
      upload: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
    });
  await expect
    .poll(async () => (await ask(metrics, '/metrics')).body.split('\n'))
    .toEqual(
      expect.arrayContaining([
        'onionferry_files_total{service="press"} 1',
        'onionferry_warnings_total{service="press"} 1',
        'onionferry_online{service="broken"} 0',
      ]),
    );
  // No log has what opens a service, nor a name that is not to be told.
  expect(running.story).not.toContain(PASSWORD);
  expect(running.story).not.toMatch(/bad\.txt|good\.txt/);

  process.kill(running.pid, 'SIGHUP');
  await expect.poll(() => running.story).toContain('SIGHUP changes nothing');

  const downloading = visitor.visit(door('docs'), '/files/docs/large');
  await expect
    .poll(async () => (await ask(metrics, '/metrics')).body)
    .toContain('onionferry_visits_total{service="docs"} 1');
  const ended = running.endBy('SIGTERM');
  const { status, body: downloaded } = await downloading;
  expect([status, sha256(downloaded)]).toEqual([200, sha256(CONTENT)]);
  expect(await ended).toMatchObject({ status: 0, signal: null });
});

test('a relay lets nobody in at SIGTERM, and ends after the transfer that runs', async ({
  stage,
}) => {
  const password = await stage.file('password', PASSWORD);
  const metrics = stage.at('metrics.sock');
  const services = await stage.file(
    'services',
    `metrics ${metrics}\ndrain 1m\n[relay public]\nrelay-password-file ${password}\n`,
  );
  const running = await stage.start(['run', services, '--json']);
  const { onion } = await running.told('online');
  await using visitor = await startVisitor(stage.path, inject('torrc'));
  const opened = async (): Promise<[number, string]> => {
    const { status, body } = await visitor.visit(
      { onion, user: 'ferry', password: PASSWORD },
      '/join',
      {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ role: 'sender', nonce: randomBytes(16).toString('base64url') }),
      },
    );
    return [status, body.toString()];
  };
  expect((await opened())[0]).toBe(200);
  const content = randomBytes(4_000_000);
  const sides = await halfway(stage, {
    path: await stage.file('from/file', content),
    sending: ['--relay', onion],
    sender: { env: { ONIONFERRY_RELAY_PASSWORD: PASSWORD } },
    receiving: ['--circuits', '1'],
    recipient: LINE,
    bytes: 500_000,
  });
  const ended = running.endBy('SIGTERM');
  await running.told('waiting', ({ reason }) => reason.startsWith('nobody is let in any more'));
  expect(await opened()).toEqual([503, '{"error":{"code":"going-away"}}']);
  await sides.arrive();
  expect(await hashOf(sides.received)).toBe(sha256(content));
  expect(await ended).toMatchObject({ status: 0, signal: null });
  const last = (running.events as readonly Record<string, unknown>[]).findLast(
    (one) => one['event'] === 'relay',
  );
  expect(last).toMatchObject({ pairs: 0, pairsMade: 1, refusals: { 'going-away': 1 } });
  // With what wraps them.
  expect(Number(last?.['bytes'])).toBeGreaterThanOrEqual(content.length);
});

test('what is wrong in the file is said before anything is started', async ({ stage }) => {
  const password = await stage.file('password', PASSWORD);
  await mkdir(stage.at('data'));
  const services = await stage.file(
    'services',
    `[site one]\npath ${stage.at('data')}\npassword-file ${password}\n[inbox two]\npath x\npassword-file ${password}\nquota much\n`,
  );
  const running = await stage.start(['run', services]);
  const { status, stderr } = await running.ends();
  expect(status).toBe(2);
  expect(stderr).toContain('--quota takes a size');
  expect(stderr).not.toContain('online');
  await writeFile(
    services,
    (await readFile(services, 'utf8')).replace('much', '1GB\nhook-timeout 3s'),
  );
  const second = await stage.start(['run', services]);
  expect(await second.ends()).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('--hook-timeout is for the program of --hook') as string,
  });
});
