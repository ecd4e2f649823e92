import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { build } from 'esbuild';

const ROOT = resolve(import.meta.dirname, '../../..');

export interface Child extends AsyncDisposable {
  readonly process: ChildProcessByStdio<null, Readable, null>;
  /** What it says first. @throws Error if it ends without a word */
  firstWord(): Promise<string>;
}

/** Runs a module that imports from `src/`, by paths from the root, in a Node process of its own. */
export async function runModule(contents: string, env: NodeJS.ProcessEnv = {}): Promise<Child> {
  const cache = join(ROOT, 'node_modules', '.cache');
  const outfile = join(cache, `onionferry-test-${randomUUID()}.mjs`);
  await mkdir(cache, { recursive: true });
  await build({
    stdin: { contents, resolveDir: ROOT, loader: 'ts' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    outfile,
    logLevel: 'error',
  });
  const child = spawn(process.execPath, [outfile], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return {
    process: child,
    firstWord: () =>
      new Promise((resolve, reject) => {
        child.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString()));
        child.once('exit', () => reject(new Error('the child ended without a word')));
      }),
    async [Symbol.asyncDispose](): Promise<void> {
      child.kill('SIGKILL');
      await rm(outfile, { force: true });
    },
  };
}
