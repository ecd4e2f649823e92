import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { platformName } from '../../src/tor/program/platform.js';
import { asTranscript, PROGRAM } from '../support/run-program.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { bundlesFor, makeBundle, type Served, serve } from '../tor/program/fake-tor.js';

/**
 * A copy of the package, which installs tor for itself from what it pins, on a machine without apt
 * and without a tor; by default that is there.
 */
async function unpacked(answer?: Parameters<typeof serve>[0]) {
  const folder = await temporaryDirectory();
  const [dist, archive] = [
    dirname(dirname(PROGRAM)),
    await makeBundle(join(folder, 'made'), '0.4.9.13'),
  ];
  for (const part of ['cli/main.js', 'cli/start.js', 'parts']) {
    await cp(join(dist, part), join(folder, 'dist', part), { recursive: true });
  }
  for (const name of ['package.json', 'node_modules']) {
    await symlink(join(dist, '..', name), join(folder, name));
  }
  const server: Served = await serve(answer ?? ((_, response) => response.end(archive)));
  onTestFinished(() => server[Symbol.asyncDispose]());
  const bundles = bundlesFor(archive, server.host);
  const [sha256 = ''] = Object.values(bundles.sha256);
  await mkdir(join(folder, 'vendor-tor'));
  await writeFile(
    join(folder, 'vendor-tor/bundles.json'),
    JSON.stringify({ ...bundles, sha256: { [platformName()]: sha256 } }),
  );
  const bin = join(folder, 'bin');
  await mkdir(bin);
  await symlink('/bin/sh', join(bin, 'sh'));
  const home = join(folder, 'home');
  return {
    installed: join(folder, 'vendor-tor', platformName(), 'bundle/tor/tor'),
    vendored: async () => await readdir(join(folder, 'vendor-tor')),
    run: async (...args: string[]) => {
      const env = { PATH: bin, ONIONFERRY_HOME: home, HOME: home };
      const whole = [join(folder, 'dist/cli/main.js'), ...args];
      return await new Promise<string>((resolve) => {
        const child = execFile(process.execPath, whole, { env }, (_, stdout, stderr) => {
          resolve(asTranscript({ status: child.exitCode, stdout, stderr }));
        });
      });
    },
  };
}

test('tor install brings what the package pins, and says where it is', async () => {
  const { run, installed } = await unpacked();
  const told = await run('tor', 'install', '--json');
  expect(told).toMatch(/exit 0$/);
  const events = [...told.matchAll(/^\{.*\}$/gm)].map(([line]): unknown => JSON.parse(line));
  expect(events.at(-1)).toEqual({ event: 'installed', path: installed, version: '0.4.9.13' });
  expect(events).toContainEqual({
    ...{ event: 'install', phase: 'unpack', bytes: 0 },
    summary: 'the Tor Expert Bundle',
  });
  const again = await run('tor', 'install');
  expect(again).toContain(`  tor       0.4.9.13\n  program   ${installed}\n`);
  expect(again).toMatch(/! unpacking the Tor Expert Bundle\n! verifying tor --version\nexit 0$/);
  expect(await run('tor', 'install', '--quiet')).toContain(`${installed}\n`);
});

test('tor install keeps nothing that is not what the package pins, says what to do, and exits 4', async () => {
  const { run, vendored } = await unpacked((_, response) => response.end('something else'));
  expect(await run('tor', 'install')).toMatch(
    /! onionferry: error: Tor could not be installed: .*does not have the pinned SHA-256 and was thrown away. To install it yourself, .*--tor PROGRAM\n! onionferry: hint: .*\nexit 4$/,
  );
  expect(await vendored()).toEqual(['bundles.json']);
});
