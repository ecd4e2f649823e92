import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { list } from 'tar';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { temporaryDirectory } from './support/temporary-directory.js';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..');

let directory = '';
let tarball = '';

/**
 * Packs a copy that has nothing but what a fresh clone has after `npm ci`, and something that an
 * earlier build has left. Building it takes what was built already, or half a minute would go by.
 */
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'onionferry-package-'));
  const clone = join(directory, 'clone');
  await cp(root, clone, {
    recursive: true,
    filter: (path) =>
      !/^(\.git|node_modules|dist|test|vendor-tor\/[^.]+|.*\.tgz)$/.test(relative(root, path)),
  });
  await symlink(join(root, 'node_modules'), join(clone, 'node_modules'));
  await run('npm', ['pkg', 'set', `scripts.build=cp -r '${join(root, 'dist')}' dist`], {
    cwd: clone,
  });
  await mkdir(join(clone, 'dist'));
  await writeFile(join(clone, 'dist', 'stale.js'), '');
  const packed = join(directory, 'packed');
  await mkdir(packed);
  await run('npm', ['pack', '--pack-destination', packed], { cwd: clone });
  const [filename = ''] = await readdir(packed);
  tarball = join(packed, filename);
}, 240_000);
afterAll(() => rm(directory, { recursive: true, force: true }));

describe('the published package', () => {
  test('is built when it is packed, and holds what runs and nothing besides', async () => {
    const paths: string[] = [];
    await list({ file: tarball, onReadEntry: ({ path }) => paths.push(path) });
    const names = paths.map((path) => path.replace(/^package\//, ''));
    expect(names).toEqual(
      expect.arrayContaining([
        'dist/cli/main.js',
        'dist/index.js',
        'dist/index.d.ts',
        'dist/man/onionferry.1',
        'dist/pages/assets/receive.js',
        'dist/pages/assets/style.css',
        'vendor-tor/bundles.json',
        'LICENSE',
        'NOTICES.md',
        'README.md',
      ]),
    );
    expect(names).not.toContain('dist/stale.js');
    const folders = ['dist', 'docs', 'systemd', 'vendor-tor'];
    const files = names.filter((name) => name.includes('/'));
    expect(files.filter((name) => !folders.includes(name.split('/', 1)[0] ?? ''))).toEqual([]);
    expect(names.filter((name) => /^dist\/bundled\/|\.tsx?$(?<!\.d\.ts)/.test(name))).toEqual([]);
  });

  test('links to nothing that it does not hold', async () => {
    const texts = new Map<string, string>();
    const names = new Set<string>();
    await list({
      file: tarball,
      onReadEntry: (entry) => {
        const name = entry.path.replace(/^package\//, '');
        names.add(name);
        if (!name.endsWith('.md')) return;
        entry.on('data', (piece) => texts.set(name, `${texts.get(name) ?? ''}${String(piece)}`));
      },
    });
    const broken = [...texts].flatMap(([name, text]) =>
      [...text.matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)]
        .map(([, link = '']) => join(dirname(name), link))
        .filter((path) => !names.has(path))
        .map((path) => `${name}: ${path}`),
    );
    expect(texts.get('README.md')).toContain('](SECURITY.md');
    expect(broken).toEqual([]);
  });

  test('installs with an ordinary npm install, and its program and library start', async () => {
    const home = await temporaryDirectory();
    await writeFile(join(home, 'package.json'), '{"private":true,"type":"module"}');
    await run(
      'npm',
      ['install', '--ignore-scripts=false', '--prefer-offline', '--no-audit', tarball],
      { cwd: home },
    );
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
      version: string; // this very package's
    };
    const installed = await readFile(join(home, 'package-lock.json'), 'utf8');
    const { packages } = JSON.parse(installed) as { packages: object }; // npm has just written it
    // The one without a path is ours that asks for it; onionferry itself is one more.
    expect(Object.keys(packages).length - 2).toBe(6);
    const program = join(home, 'node_modules/.bin/onionferry');
    const { stdout } = await run(program, ['--version'], { cwd: home });
    expect(stdout).toContain(version);
    const library =
      'import { send, receive, relay } from "onionferry"; console.log(typeof send, typeof receive, typeof relay)';
    const imported = await run('node', ['--input-type=module', '-e', library], { cwd: home });
    expect(imported.stdout.trim()).toBe('function function function');
    await writeFile(
      join(home, 'typed.ts'),
      `import { type Middleware, share, withMiddleware } from 'onionferry';
      const guard: Middleware = (request, response, next) => {
        if (request.url === '/no') response.end();
        else next();
      };
      export const sharing = share(['a'], withMiddleware(guard));`,
    );
    // Nothing is left out: what the types name has to be there.
    const strictly = ['--module', 'nodenext', '--target', 'es2023', '--strict', '--noEmit'];
    const types = ['--types', 'node', '--typeRoots', join(root, 'node_modules/@types')];
    const compiler = join(root, 'node_modules/typescript/bin/tsc');
    await run('node', [compiler, ...strictly, ...types, 'typed.ts'], { cwd: home });
    const started = run('node', [program, 'send', '--tor', '/nonexistent', 'package.json'], {
      cwd: home,
      env: { ...process.env, HOME: home },
    });
    await expect(started).rejects.toMatchObject({ code: 4 });
  });
});
