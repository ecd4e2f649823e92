import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { hasApt } from '../../../src/tor/program/install-by-apt.js';
import type { InstallProgress } from '../../../src/tor/program/install-progress.js';
import { findOrInstallTor, installTor } from '../../../src/tor/program/install-tor.js';
import { bundlesFor, makeBundle, serve, writeProgram, writeTor } from './fake-tor.js';

let directory = '';
let vendor = '';
let place = '';

beforeEach(async () => {
  expect(await hasApt(), 'these tests need apt-get and dpkg-deb of Debian').toBe(true);
  directory = await mkdtemp(join(tmpdir(), 'onionferry-apt-'));
  vendor = join(directory, 'vendor-tor');
  place = join(vendor, 'linux');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(directory, { recursive: true, force: true });
});

/** Gives apt `sources`, lines of a sources.list, in place of the machine's own. */
async function replaceSources(sources: string): Promise<void> {
  const configuration = join(directory, 'apt.conf');
  const list = join(directory, 'sources.list');
  await mkdir(join(directory, 'no-more-sources'));
  await writeFile(list, sources);
  await writeFile(
    configuration,
    `Dir::Etc::sourcelist "${list}";\nDir::Etc::sourceparts "${directory}/no-more-sources";\n`,
  );
  vi.stubEnv('APT_CONFIG', configuration);
}

describe('installing by apt', () => {
  test('unpacks a tor that runs, and leaves nothing else behind', async () => {
    const told: InstallProgress[] = [];
    const program = await installTor({
      dataDir: directory,
      directories: [place],
      ways: ['apt'],
      onProgress: (progress) => told.push(progress),
    });
    expect(program).toMatchObject({ path: join(place, 'usr/bin/tor'), source: 'vendored' });
    expect(program.version).toMatch(/^0\.4\.(9|\d\d)\./);
    expect([...new Set(told.map(({ phase }) => phase))]).toEqual(['download', 'unpack', 'verify']);
    expect(await readdir(vendor)).toEqual(['linux']);
    expect(await readdir(place)).not.toContain('apt');
  });

  test('installs the libraries that the machine lacks', async () => {
    // A machine without libevent and libssl, by the word of its ldd.
    await writeProgram(
      join(directory, 'bin/ldd'),
      `for name in libevent-2.1.so.7 libssl.so.3 libcrypto.so.3; do
        IFS=:; for path in $LD_LIBRARY_PATH; do test -e "$path/$name" && continue 2; done
        echo "	$name => not found"
      done`,
    );
    vi.stubEnv('PATH', `${join(directory, 'bin')}:${process.env['PATH'] ?? ''}`);
    const program = await installTor({ dataDir: directory, directories: [place], ways: ['apt'] });
    const libraries = await readdir(program.libraryPath ?? '');
    expect(libraries).toEqual(
      expect.arrayContaining(['libevent-2.1.so.7', 'libssl.so.3', 'libcrypto.so.3']),
    );
    expect(libraries).not.toContain('libsystemd.so.0');
  });

  test('leaves nothing behind when it is aborted', async () => {
    const controller = new AbortController();
    const installing = installTor({
      dataDir: directory,
      directories: [place],
      ways: ['apt'],
      signal: controller.signal,
      onProgress: () => setTimeout(() => controller.abort(new Error('enough')), 100),
    });
    await expect(installing).rejects.toThrow('enough');
    expect(await readdir(vendor)).toEqual([]);
  });

  test('falls back to the bundle if apt fails', async () => {
    await replaceSources('');
    const archive = await makeBundle(join(directory, 'made'), '0.4.9.13');
    await using server = await serve((_request, response) => response.end(archive));
    const program = await installTor({
      dataDir: directory,
      directories: [place],
      platform: 'linux-x86_64',
      bundles: bundlesFor(archive, server.host),
    });
    expect(program.path).toBe(join(place, 'bundle/tor/tor'));
    expect(await readdir(vendor)).toEqual(['linux']);
  });

  test('gives both reasons, and what to do, when both fail', async () => {
    await replaceSources('');
    const archive = await makeBundle(join(directory, 'made'), '0.4.9.13');
    const installing = installTor({
      dataDir: directory,
      directories: [place],
      platform: 'linux-aarch64',
      bundles: bundlesFor(archive),
    });
    await expect(installing).rejects.toMatchObject({
      code: 'ERR_TOR_INSTALL',
      message: expect.stringMatching(
        /^Tor could not be installed: apt cannot fetch tor \(.+\); and the Tor Project has no Tor Expert Bundle for linux-aarch64\. To install it yourself, run "apt install tor" as root .* --tor PROGRAM$/,
      ) as string,
    });
    expect(await readdir(vendor)).toEqual([]);
  });

  test('says what apt complained about when there is no network', async () => {
    await replaceSources('deb http://127.0.0.1:1/debian stable main\n');
    const installing = installTor({ dataDir: directory, directories: [place], ways: ['apt'] });
    await expect(installing).rejects.toThrow(
      /apt cannot fetch tor \(.+\), after complaining: Failed to fetch http.+127\.0\.0\.1:1/,
    );
  });

  test('happens if the tor in PATH is too old', async () => {
    await writeTor(join(directory, 'bin/tor'), '0.4.8.12');
    // Alone, or a tor of the machine would be found behind it.
    vi.stubEnv('PATH', join(directory, 'bin'));
    const archive = await makeBundle(join(directory, 'made'), '0.4.9.13');
    await using server = await serve((_request, response) => response.end(archive));
    const options = {
      dataDir: directory,
      directories: [place],
      platform: 'linux-x86_64',
      ways: ['bundle'] as const,
    };
    await expect(
      findOrInstallTor({ ...options, bundles: bundlesFor(archive) }),
    ).rejects.toMatchObject({
      code: 'ERR_TOR_INSTALL',
      message: expect.stringMatching(/^\S+ is tor 0\.4\.8\.12, .* Tor could not/) as string,
    });
    const bundles = bundlesFor(archive, server.host);
    expect((await findOrInstallTor({ ...options, bundles })).version).toBe('0.4.9.13');
    server.asked.length = 0;
    expect((await findOrInstallTor({ ...options, bundles })).version).toBe('0.4.9.13');
    expect(server.asked, 'nothing is fetched for the second').toEqual([]);
  });

  test('does not happen if --tor names no tor', async () => {
    await mkdir(join(directory, 'bin'));
    await expect(
      findOrInstallTor({
        program: join(directory, 'bin/tor'),
        dataDir: directory,
        directories: [place],
      }),
    ).rejects.toMatchObject({ code: 'ERR_TOR_MISSING' });
  });
});
