import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { temporaryDirectory } from './support/temporary-directory.js';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..');

describe('the published package', () => {
  test('installs with an ordinary npm install, and its program and library start', async () => {
    const directory = await temporaryDirectory();
    const { stdout: packed } = await run(
      'npm',
      ['pack', '--json', '--pack-destination', directory],
      { cwd: root },
    );
    const [{ filename }] = JSON.parse(packed) as [{ filename: string }]; // npm's documented output
    await writeFile(join(directory, 'package.json'), '{"private":true,"type":"module"}');
    await run(
      'npm',
      ['install', '--ignore-scripts=false', '--prefer-offline', '--no-audit', `./${filename}`],
      { cwd: directory },
    );
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
      version: string; // this very package's
    };
    const program = join(directory, 'node_modules/.bin/onionferry');
    const { stdout } = await run(program, ['--version'], { cwd: directory });
    expect(stdout).toContain(version);
    const library =
      'import { send, receive, relay } from "onionferry"; console.log(typeof send, typeof receive, typeof relay)';
    const imported = await run('node', ['--input-type=module', '-e', library], { cwd: directory });
    expect(imported.stdout.trim()).toBe('function function function');
    const started = run('node', [program, 'send', '--tor', '/nonexistent', 'package.json'], {
      cwd: directory,
    });
    await expect(started).rejects.toMatchObject({ code: 4 });
  }, 120_000);
});
