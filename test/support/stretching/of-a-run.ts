import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Of this run alone: what passwords were stretched to in workers; and in-program.mjs. */
    stretched: string;
  }
}

/** Makes the folder for a whole run, and removes it afterwards. */
export default async function setup(project: TestProject): Promise<() => void> {
  const directory = await mkdtemp(join(tmpdir(), 'onionferry-stretched-'));
  const remove = (): void => rmSync(directory, { recursive: true, force: true });
  process.once('exit', remove);
  await build({
    entryPoints: [fileURLToPath(new URL('in-program.ts', import.meta.url))],
    outdir: directory,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'warning',
  });
  project.provide('stretched', directory);
  return () => {
    process.removeListener('exit', remove);
    remove();
  };
}
