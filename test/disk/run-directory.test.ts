import { once } from 'node:events';
import { access, mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createRunDirectory } from '../../src/disk/run-directory.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { runModule } from '../tor/support/child-process.js';

afterEach(() => vi.unstubAllEnvs());

describe('run directories', () => {
  test('are private, short enough for sockets, and gone afterwards', async () => {
    const run = await createRunDirectory();
    expect((await stat(run.path)).mode & 0o777).toBe(0o700);
    expect(Buffer.byteLength(join(run.path, 'x'.repeat(16)))).toBeLessThan(104);
    await writeFile(join(run.path, 'control'), '');
    await run.remove();
    await run.remove();
    await expect(access(run.path)).rejects.toThrow(/ENOENT/);
  });

  test('lie in XDG_RUNTIME_DIR, unless that is missing or its path too long', async () => {
    const home = await temporaryDirectory();
    for (const [name, isUsed] of [
      ['run', true],
      ['x'.repeat(90), false],
    ] as const) {
      await mkdir(join(home, name));
      vi.stubEnv('XDG_RUNTIME_DIR', join(home, name));
      const run = await createRunDirectory();
      expect(run.path.startsWith(join(home, name))).toBe(isUsed);
      await run.remove();
    }
    vi.stubEnv('XDG_RUNTIME_DIR', join(home, 'missing'));
    await (await createRunDirectory()).remove();
  });

  test('that killed processes left are removed, those in use are not', async () => {
    const home = await temporaryDirectory();
    vi.stubEnv('XDG_RUNTIME_DIR', home);
    const used = await createRunDirectory();
    const left = join(home, 'onionferry-run-abc');
    await mkdir(left);
    await writeFile(join(left, 'lock'), '');
    await writeFile(join(left, 'control'), '');
    await mkdir(join(home, 'onionferry-run-without-lock'));
    vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 60_000);
    const next = await createRunDirectory();
    vi.restoreAllMocks();
    expect((await readdir(home)).sort()).toEqual(
      [used.path, next.path, 'onionferry-run-without-lock']
        .map((path) => path.split('/').at(-1))
        .sort(),
    );
    await used.remove();
    await next.remove();
  });

  test('are removed by a process that exits in the middle', async () => {
    const home = await temporaryDirectory();
    await using child = await runModule(
      `import { createRunDirectory } from './src/disk/run-directory.js';
      await createRunDirectory();
      process.exit(7);`,
      { XDG_RUNTIME_DIR: home },
    );
    expect(await once(child.process, 'exit')).toEqual([7, null]);
    expect(await readdir(home)).toEqual([]);
  });
});
