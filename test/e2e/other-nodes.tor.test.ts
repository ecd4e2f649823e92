import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import { fetchFrom, hashOf, sha256 } from '../support/carry.js';
import { test as base } from '../support/stage.js';

const run = promisify(execFile);
/** The current one is whatever npm has, to notice early what breaks with it. */
const RELEASES = ['22', '24', 'latest'];
const NOTE = randomBytes(300_000);

/** Gives the path of a Node by its release. They come from npm, into a folder of their own. */
const test = base.extend<{ nodeOf: (release: string) => string }>({
  nodeOf: [
    // vitest reads the names of what a fixture needs from this parameter.
    async ({}, use) => {
      const directory = await mkdtemp(join(tmpdir(), 'onionferry-nodes-'));
      try {
        await writeFile(join(directory, 'package.json'), '{"private":true}');
        const packages = RELEASES.map(
          (release) => `node-${release}@npm:node-${process.platform}-${process.arch}@${release}`,
        );
        const plainly = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'];
        await run('npm', ['install', ...plainly, ...packages], { cwd: directory });
        await use((release) => join(directory, 'node_modules', `node-${release}`, 'bin/node'));
      } finally {
        await rm(directory, { recursive: true, force: true });
      }
    },
    { scope: 'file' },
  ],
});

// The tests themselves run under the oldest Node that is supported.
test.concurrent.for(RELEASES)('the program carries a file under Node %s', async (release, {
  stage,
  nodeOf,
}) => {
  const node = nodeOf(release);
  const { stdout } = await run(node, ['-p', 'process.versions.node.split(".")[0]']);
  expect(Number(stdout)).toBeGreaterThanOrEqual(release === 'latest' ? 25 : Number(release));
  const file = await stage.file('from/note', NOTE);
  // Locks and attributes are native code, made for any Node.
  const sender = await stage.start(['send', '--json', '--xattrs', file], { node });
  const recipient = await fetchFrom(sender, stage, { node });
  expect(await hashOf(stage.at('to/note'))).toBe(sha256(NOTE));
  for (const { stderr } of [sender, recipient]) expect(stderr).toBe('');
  const version = await stage.start(['--version'], { node, isBare: true });
  expect((await version.ends()).stdout.toString()).toMatch(/^\d+\.\d+\.\d+\n$/);
});
