import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create } from 'tar';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { hasCode } from '../../../src/base/errors.js';
import { findTor } from '../../../src/tor/program/find-tor.js';
import type { InstallProgress } from '../../../src/tor/program/install-progress.js';
import { type InstallTorOptions, installTor } from '../../../src/tor/program/install-tor.js';
import { hookFileCalls, watchFileCalls } from '../../support/file-calls.js';
import { bundlesFor, makeBundle, serve } from './fake-tor.js';

let directory = '';
let vendor = '';
let archive: Buffer = Buffer.alloc(0);

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'onionferry-install-'));
  vendor = join(directory, 'vendor-tor');
  archive = await makeBundle(join(directory, 'made'), '0.4.9.13');
});
afterEach(() => rm(directory, { recursive: true, force: true }));

function options(more: Partial<InstallTorOptions>): InstallTorOptions {
  return {
    dataDir: join(directory, 'data'),
    directories: [join(vendor, 'linux-x86_64')],
    ways: ['bundle'],
    platform: 'linux-x86_64',
    ...more,
  };
}

async function failure(more: Partial<InstallTorOptions>): Promise<string> {
  const error: unknown = await installTor(options(more)).catch((reason: unknown) => reason);
  if (!hasCode(error, 'ERR_TOR_INSTALL')) throw error;
  expect(error.message).toMatch(/^Tor could not be installed: .+ --tor PROGRAM$/);
  return error.message;
}

describe('installing the Tor Expert Bundle', () => {
  test('fetches it, checks its hash, unpacks it and finds it afterwards', async () => {
    await using server = await serve((_request, response) => response.end(archive));
    const program = await installTor(options({ bundles: bundlesFor(archive, server.host) }));
    expect(program).toEqual({
      path: join(vendor, 'linux-x86_64/bundle/tor/tor'),
      version: '0.4.9.13',
      libraryPath: join(vendor, 'linux-x86_64/bundle/tor'),
      source: 'vendored',
    });
    expect(server.asked).toEqual(['/torbrowser/1.2.3/tor-expert-bundle-linux-x86_64-1.2.3.tar.gz']);
    expect(await readdir(vendor)).toEqual(['linux-x86_64']);
    const found = await findTor({
      dataDir: directory,
      directories: [join(vendor, 'linux-x86_64')],
    });
    expect(found).toEqual(program);
  });

  test('reports its progress', async () => {
    await using server = await serve((_request, response) => {
      response.setHeader('content-length', archive.length).end(archive);
    });
    const told: InstallProgress[] = [];
    const bundles = bundlesFor(archive, server.host);
    await installTor(options({ bundles, onProgress: (progress) => told.push(progress) }));
    expect([...new Set(told.map(({ phase }) => phase))]).toEqual(['download', 'unpack', 'verify']);
    expect(told.findLast(({ phase }) => phase === 'download')).toEqual({
      phase: 'download',
      bytes: archive.length,
      total: archive.length,
      summary: `the Tor Expert Bundle from ${server.host}`,
    });
  });

  test('throws away a file without the pinned hash, and unpacks nothing of it', async () => {
    const other = await makeBundle(join(directory, 'other'), '0.4.9.14');
    await using server = await serve((_request, response) => response.end(other));
    const phases: string[] = [];
    const message = await failure({
      bundles: bundlesFor(archive, server.host),
      onProgress: ({ phase }) => phases.push(phase),
    });
    expect(message).toContain(`what ${server.host} sent does not have the pinned SHA-256`);
    expect(phases).not.toContain('unpack');
    expect(await readdir(vendor)).toEqual([]);
  });

  test('uses the next address if the first sends something else', async () => {
    await using liar = await serve((_request, response) => response.end('something else'));
    await using honest = await serve((_request, response) => response.end(archive));
    const bundles = bundlesFor(archive, liar.host, honest.host);
    expect((await installTor(options({ bundles }))).version).toBe('0.4.9.13');
  });

  test('says that a connection was refused', async () => {
    const { host } = await unusedHost();
    expect(await failure({ bundles: bundlesFor(archive, host) })).toContain(
      `${host} cannot be reached or broke off (ECONNREFUSED)`,
    );
    expect(await readdir(vendor)).toEqual([]);
  });

  test('says that a connection broke off, and keeps nothing of it', async () => {
    await using server = await serve((_request, response) => {
      response.setHeader('content-length', archive.length);
      response.write(archive.subarray(0, 100), () => response.destroy());
    });
    expect(await failure({ bundles: bundlesFor(archive, server.host) })).toContain(
      `${server.host} cannot be reached or broke off`,
    );
    expect(await readdir(vendor)).toEqual([]);
  });

  test('gives up on a server that stops sending', async () => {
    await using server = await serve((_request, response) => {
      response.write(archive.subarray(0, 100));
    });
    expect(await failure({ bundles: bundlesFor(archive, server.host), stallMs: 200 })).toContain(
      `${server.host} has sent nothing for 0.2 seconds`,
    );
  });

  test('waits for a server that is slow but sends', async () => {
    await using server = await serve((_request, response) => {
      const pieces = [0, 1, 2, 3, 4].map((part) => archive.subarray(part * 100, part * 100 + 100));
      const timer = setInterval(() => {
        const piece = pieces.shift();
        if (piece !== undefined) return void response.write(piece);
        clearInterval(timer);
        response.end(archive.subarray(500));
      }, 600);
    });
    const bundles = bundlesFor(archive, server.host);
    expect((await installTor(options({ bundles, stallMs: 2_500 }))).version).toBe('0.4.9.13');
  });

  test('says what a server answers instead of the bundle', async () => {
    await using server = await serve((_request, response) => response.writeHead(404).end());
    expect(await failure({ bundles: bundlesFor(archive, server.host) })).toContain('answers 404');
  });

  test('says that there is none for this platform, without asking anybody', async () => {
    await using server = await serve((_request, response) => response.end(archive));
    const message = await failure({
      bundles: bundlesFor(archive, server.host),
      platform: 'linux-aarch64',
    });
    expect(message).toContain('the Tor Project has no Tor Expert Bundle for linux-aarch64');
    expect(server.asked).toEqual([]);
  });

  test('refuses one whose tor does not run here', async () => {
    const broken = join(directory, 'broken');
    await makeBundle(broken, '0.4.9.13');
    await writeFile(join(broken, 'tor/tor'), '#!/bin/sh\necho "no such library" >&2; exit 127\n');
    const file = join(directory, 'broken.tar.gz');
    await create({ cwd: broken, file, gzip: true }, ['tor']);
    const bytes = await readFile(file);
    await using server = await serve((_request, response) => response.end(bytes));
    expect(await failure({ bundles: bundlesFor(bytes, server.host) })).toContain('no such library');
    expect(await readdir(vendor)).toEqual([]);
  });

  test('refuses one whose tor is too old for the network', async () => {
    const old = await makeBundle(join(directory, 'old'), '0.4.8.12');
    await using server = await serve((_request, response) => response.end(old));
    expect(await failure({ bundles: bundlesFor(old, server.host) })).toContain(
      'bundle has tor 0.4.8.12',
    );
    expect(await readdir(vendor)).toEqual([]);
  });

  test('writes nothing outside its directory, whatever an archive names', async () => {
    const made = join(directory, 'made');
    await writeFile(join(directory, 'escaped'), 'hostile');
    const file = join(directory, 'hostile.tar.gz');
    await create({ cwd: made, file, gzip: true, preservePaths: true }, ['tor', '../escaped']);
    await rm(join(directory, 'escaped'));
    const bytes = await readFile(file);
    await using server = await serve((_request, response) => response.end(bytes));
    expect(await failure({ bundles: bundlesFor(bytes, server.host) })).toContain(
      'cannot be unpacked',
    );
    expect(await readdir(vendor)).toEqual([]);
    expect((await readdir(directory)).sort()).toEqual(['hostile.tar.gz', 'made', 'vendor-tor']);
  });

  test('leaves nothing behind when it is aborted', async () => {
    const controller = new AbortController();
    await using server = await serve((_request, response) => {
      response.write(archive.subarray(0, 100), () => controller.abort(new Error('enough')));
    });
    const bundles = bundlesFor(archive, server.host);
    await expect(installTor(options({ bundles, signal: controller.signal }))).rejects.toThrow(
      'enough',
    );
    expect(await readdir(vendor)).toEqual([]);
  });

  test('leaves one, which both return, if done twice at once', async () => {
    await using server = await serve((_request, response) => response.end(archive));
    const bundles = bundlesFor(archive, server.host);
    const all = await Promise.all([1, 2, 3].map(() => installTor(options({ bundles }))));
    expect(all[1]).toEqual(all[0]);
    expect(all[2]).toEqual(all[0]);
    expect(await readdir(vendor)).toEqual(['linux-x86_64']);
  });

  test('replaces an older one, and keeps a newer one', async () => {
    const newer = await makeBundle(join(directory, 'newer'), '0.4.10.1');
    await using server = await serve((request, response) => {
      response.end(request.url?.startsWith('/torbrowser/9') === true ? newer : archive);
    });
    const bundles = bundlesFor(archive, server.host);
    await installTor(options({ bundles }));
    const newBundles = { ...bundlesFor(newer, server.host), version: '9.0.0' };
    expect((await installTor(options({ bundles: newBundles }))).version).toBe('0.4.10.1');
    expect((await installTor(options({ bundles }))).version).toBe('0.4.10.1');
    expect(await readdir(vendor)).toEqual(['linux-x86_64']);
  });

  test('goes on where another process was faster to take an older one away', async () => {
    await using server = await serve((_request, response) => response.end(archive));
    const bundles = bundlesFor(archive, server.host);
    const target = join(vendor, 'linux-x86_64');
    await mkdir(join(target, 'broken'), { recursive: true });
    const restore = watchFileCalls();
    try {
      let isFirst = true;
      const installing = hookFileCalls(
        [target],
        (call) => {
          if (call.name !== 'rename' || !isFirst) return;
          isFirst = false;
          rmSync(target, { recursive: true });
        },
        () => installTor(options({ bundles })),
      );
      expect((await installing).version).toBe('0.4.9.13');
      expect(isFirst).toBe(false);
    } finally {
      restore();
    }
    expect(await readdir(vendor)).toEqual(['linux-x86_64']);
  });

  test('uses the next directory if the first cannot be written to', async () => {
    await using server = await serve((_request, response) => response.end(archive));
    await writeFile(join(directory, 'a-file'), '');
    const places = [join(directory, 'a-file/vendor/linux'), join(directory, 'second/linux')];
    const bundles = bundlesFor(archive, server.host);
    const program = await installTor(options({ bundles, directories: places }));
    expect(program.path).toBe(join(directory, 'second/linux/bundle/tor/tor'));
    expect(await failure({ bundles, directories: places.slice(0, 1) })).toContain(
      'none of these directories can be written',
    );
  });

  test('removes what a killed installation left behind, but not one that may be running', async () => {
    await using server = await serve((_request, response) => response.end(archive));
    await mkdir(join(vendor, '.installing-young'), { recursive: true });
    await mkdir(join(vendor, '.installing-old'));
    await utimes(join(vendor, '.installing-old'), 0, 0);
    await installTor(options({ bundles: bundlesFor(archive, server.host) }));
    expect((await readdir(vendor)).sort()).toEqual(['.installing-young', 'linux-x86_64']);
  });
});

async function unusedHost(): Promise<{ host: string }> {
  await using server = await serve((_request, response) => response.end());
  return { host: server.host };
}
