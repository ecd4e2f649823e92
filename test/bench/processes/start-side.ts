import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { deferred } from '../../../src/base/deferred.js';
import type { FromSide, SideReport } from './report.js';
import type { SideProgram } from './side.js';

const ROOT = resolve(import.meta.dirname, '../../..');

/** One side of a way to carry a file, in a process of its own. */
export interface Side extends AsyncDisposable {
  /** Where the other side finds it. */
  readonly ready: Promise<string>;
  /** Resolves when the process has ended well. */
  readonly report: Promise<SideReport>;
  /** Asks a side that would go on for ever to end. */
  end(): void;
}

export interface SidePrograms extends AsyncDisposable {
  start<Options>(program: SideProgram<Options>, options: Options): Promise<Side>;
}

/**
 * Starts sides as plain Node runs them: a TypeScript loader in the process would be measured too.
 */
export async function sidePrograms(profiles?: string): Promise<SidePrograms> {
  const cache = join(ROOT, 'node_modules', '.cache');
  await mkdir(cache, { recursive: true });
  const directory = await mkdtemp(join(cache, 'onionferry-bench-'));
  const built = new Map<string, Promise<string>>();
  const flags = profiles === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${resolve(profiles)}`];
  return {
    async start(program, options): Promise<Side> {
      const source = fileURLToPath(program.source);
      const building = built.get(source) ?? bundle(source, directory);
      built.set(source, building);
      const child = fork(await building, [JSON.stringify(options)], {
        execArgv: flags,
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      });
      return sideOf(child, basename(source));
    },
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  };
}

async function bundle(source: string, directory: string): Promise<string> {
  const outfile = join(directory, basename(source).replace(/\.ts$/, '.mjs'));
  await build({
    entryPoints: [source],
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    packages: 'external',
    outfile,
    logLevel: 'error',
  });
  return outfile;
}

function sideOf(child: ChildProcess, name: string): Side {
  const ready = deferred<string>();
  const report = deferred<SideReport>();
  for (const { promise } of [ready, report]) promise.catch(() => undefined);
  let last: SideReport | undefined;
  // Only our own programs are on the other end.
  child.on('message', (message) => {
    const said = message as FromSide;
    if (said.kind === 'ready') ready.resolve(said.where);
    else last = said.report;
  });
  child.once('exit', (status, signal) => {
    const error = new Error(`${name} ended early: ${signal ?? `status ${String(status)}`}`);
    ready.reject(error);
    if (last === undefined || status !== 0) report.reject(error);
    else report.resolve(last);
  });
  return {
    ready: ready.promise,
    report: report.promise,
    end: () => void child.send('end'),
    async [Symbol.asyncDispose](): Promise<void> {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exit = once(child, 'exit');
      child.kill('SIGKILL');
      await exit;
    },
  };
}
