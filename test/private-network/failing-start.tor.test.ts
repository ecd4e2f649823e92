import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { afterEach, beforeEach, describe, expect, inject, test, vi } from 'vitest';
import { startPrivateNetwork } from '../../src/private-network/start.js';

let parent = '';
let directory = '';
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'onionferry-failing-'));
  directory = join(parent, 'network');
});
afterEach(() => rm(parent, { recursive: true, force: true }));

/** Looking takes a while: there are many processes. */
const LOOKING = { interval: 300, timeout: 120_000 };

/** Ids of the processes with `directory` among their arguments. */
function nodes(): string[] {
  return readdirSync('/proc').filter((name) => {
    try {
      return (
        /^\d+$/.test(name) && readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(directory)
      );
    } catch {
      return false; // ended in the meantime
    }
  });
}

describe('a private network that cannot start', () => {
  test('names the node that ended with its last warning, and leaves nothing behind', async () => {
    const starting = startPrivateNetwork({
      program: inject('torProgram'),
      directory,
      // What each node is started with is ours to change: r2 gets an option that tor refuses.
      command: (argv) =>
        argv.some((part) => part.includes('/r2/')) ? [...argv, 'Nope', '1'] : argv,
    });
    await expect(starting).rejects.toMatchObject({
      code: 'ERR_TOR_START',
      message: expect.stringMatching(
        /^The node r2 of the private Tor network ended: .*Nope/,
      ) as string,
    });
    expect(nodes()).toEqual([]);
    expect(existsSync(directory)).toBe(false);
  });

  test('says that a program cannot be run at all', async () => {
    const program = { ...inject('torProgram'), path: join(parent, 'absent') };
    await expect(startPrivateNetwork({ program, directory })).rejects.toThrow(/ended: .*ENOENT/);
    expect(existsSync(directory)).toBe(false);
  });

  test('leaves nothing behind when it is aborted', async () => {
    const controller = new AbortController();
    const starting = startPrivateNetwork({
      program: inject('torProgram'),
      directory,
      signal: controller.signal,
    });
    await vi.waitFor(() => expect(nodes().length).toBe(8), LOOKING);
    controller.abort(new Error('enough'));
    await expect(starting).rejects.toThrow('enough');
    expect(nodes()).toEqual([]);
    expect(existsSync(directory)).toBe(false);
  });

  test('leaves a directory with something in it alone', async () => {
    await writeFile(join(parent, 'mine'), '');
    const starting = startPrivateNetwork({ program: inject('torProgram'), directory: parent });
    await expect(starting).rejects.toThrow('has to be empty');
    expect(existsSync(join(parent, 'mine'))).toBe(true);
  });
});

describe('a private network whose starter ends without closing it', () => {
  /** A process of its own that starts a network and keeps running. */
  async function starter(ending: string): Promise<ReturnType<typeof spawn>> {
    const outfile = join(parent, 'start.mjs');
    const entry = 'src/private-network/start.ts';
    await build({
      entryPoints: [entry],
      outfile,
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
    });
    const script = join(parent, 'starter.mjs');
    const options = JSON.stringify({ program: inject('torProgram'), directory });
    await writeFile(
      script,
      `import { startPrivateNetwork } from ${JSON.stringify(pathToFileURL(outfile).href)};
      process.on('SIGTERM', () => ${ending});
      await startPrivateNetwork(${options});`,
    );
    return spawn(process.execPath, [script], { stdio: 'inherit' });
  }

  test('ends at once when that exits', async () => {
    const child = await starter('process.exit(0)');
    await vi.waitFor(() => expect(nodes().length).toBe(8), LOOKING);
    child.kill('SIGTERM');
    await once(child, 'exit');
    await vi.waitFor(() => expect(nodes()).toEqual([]), LOOKING);
    expect(existsSync(directory)).toBe(false);
  });

  test('ends by itself when that is killed', async () => {
    const child = await starter('undefined');
    await vi.waitFor(() => expect(nodes().length).toBe(8), LOOKING);
    child.kill('SIGKILL');
    await once(child, 'exit');
    await vi.waitFor(() => expect(nodes()).toEqual([]), LOOKING);
  });
});
