import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { type Deferred, deferred } from '../../../src/base/deferred.js';
import type { FromSide, SideReport, ToSide } from './report.js';
import type { SideProgram } from './side.js';

/** A side that has been told to end may take this long. */
const END_MS = 5_000;

const ROOT = resolve(import.meta.dirname, '../../..');

/** One side of a way to carry a file, in a process of its own. */
export interface Side extends AsyncDisposable {
  /** Where the other side finds it. */
  readonly ready: Promise<string>;
  /** Resolves when the process has ended well. */
  readonly report: Promise<SideReport>;
  /** Of a side that keeps running: what it has used since the last time. */
  reportSoFar(): Promise<SideReport>;
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
  const ready = watched<string>();
  const report = watched<SideReport>();
  let soFar = watched<SideReport>();
  let last: SideReport | undefined;
  // Only our own programs are on the other end.
  child.on('message', (message) => {
    const said = message as FromSide;
    if (said.kind === 'ready') {
      ready.resolve(said.where);
    } else {
      last = said.report;
      soFar.resolve(last);
    }
  });
  child.once('exit', (status, signal) => {
    const error = new Error(`${name} ended early: ${signal ?? `status ${String(status)}`}`);
    for (const { reject } of [ready, soFar]) reject(error);
    if (last === undefined || status !== 0) report.reject(error);
    else report.resolve(last);
  });
  const tell = (message: ToSide): void => {
    if (child.connected) child.send(message);
  };
  return {
    ready: ready.promise,
    report: report.promise,
    reportSoFar(): Promise<SideReport> {
      soFar = watched();
      tell('report');
      return soFar.promise;
    },
    async [Symbol.asyncDispose](): Promise<void> {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exit = once(child, 'exit');
      tell('end');
      const tooLate = setTimeout(() => child.kill('SIGKILL'), END_MS);
      await exit;
      clearTimeout(tooLate);
    },
  };
}

/** One whose failure ends nothing by itself: not everybody waits for everything. */
function watched<T>(): Deferred<T> {
  const later = deferred<T>();
  later.promise.catch(() => undefined);
  return later;
}
