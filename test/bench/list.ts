import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, get, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import express from 'express';
import { sharedTree } from '../../src/disk/tree/shared-tree.js';
import { createShareRoutes } from '../../src/pages/share/share-routes.js';
import { type Benchmark, type BenchmarkResult, median } from './benchmark.js';
import { benchDirectory } from './turns.js';

const NAMES = 100_000;
const RUNS = 5;
/** For a page that somebody waits for. */
const ALLOWED_MS = 300;
/** Requests of one visitor, in turn, at a share that has read nothing yet */
const VISITS: readonly (readonly Visit[])[] = [
  [
    { name: 'first read', query: '' },
    { name: 'first sort by size, after it', query: '?sort=size', allowed: ALLOWED_MS },
    { name: 'first search, after it', query: '?q=99' },
    { name: 'another page, after it', query: '?page=100' },
  ],
  [{ name: 'first read and sort at once', query: '?sort=time&order=desc' }],
];

interface Visit {
  readonly name: string;
  readonly query: string;
  readonly allowed?: number;
}

interface Taken {
  readonly ms: number;
  readonly cpuMs: number;
  /** The longest that the event loop was held up */
  readonly heldMs: number;
}

/** The page of a folder with very many files, from a request to the last byte of the page. */
export const list: Benchmark = {
  name: 'list',
  about: `the page of a folder of ${NAMES} files, without Tor`,
  async *run({ runs = RUNS, signal, say, ...options }): AsyncGenerator<BenchmarkResult> {
    await using directory = await benchDirectory(options.directory);
    const folder = join(directory.path, 'many');
    say(`writing ${NAMES} files`);
    fill(folder);
    const taken = new Map<Visit, Taken[]>();
    for (let run = 1; run <= runs; run++) {
      signal.throwIfAborted();
      say(`list: run ${run} of ${runs}, load ${loadavg()[0]?.toFixed(1)}`);
      for (const visits of VISITS) await visit(folder, visits, taken);
    }
    yield {
      benchmark: 'list',
      ...{ content: `${NAMES} files`, bytes: 0, directory: directory.parent },
      counted: `medians of ${runs} runs, from a request to the last byte of its page`,
      ways: [],
      measures: [...taken].flatMap(([{ name, allowed = ALLOWED_MS }, all]) => [
        { name, value: median(all.map(({ ms }) => ms)), unit: 'ms', allowed },
        { name: `${name}: CPU`, value: median(all.map(({ cpuMs }) => cpuMs)), unit: 'ms' },
        { name: `${name}: loop held`, value: median(all.map((one) => one.heldMs)), unit: 'ms' },
      ]),
    };
  },
};

/** In the order of nothing, some with a number, some with letters that are not ASCII. */
function fill(folder: string): void {
  mkdirSync(folder);
  for (let number = 0; number < NAMES; number++) {
    const name = `${number % 10 === 0 ? 'Größe' : 'IMG'}_${(number * 7919) % NAMES}.jpg`;
    writeFileSync(join(folder, name), number % 3 === 0 ? 'some' : '');
  }
}

async function visit(
  folder: string,
  visits: readonly Visit[],
  taken: Map<Visit, Taken[]>,
): Promise<void> {
  const server = createServer(express().use(createShareRoutes({ tree: sharedTree([folder]) })));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    for (const one of visits) taken.set(one, [...(taken.get(one) ?? []), await ask(server, one)]);
  } finally {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
}

async function ask(server: Server, { query }: Visit): Promise<Taken> {
  // A server that listens on a port has such an address.
  const { port } = server.address() as AddressInfo;
  const held = monitorEventLoopDelay({ resolution: 1 });
  held.enable();
  const [startedAt, before] = [performance.now(), process.cpuUsage()];
  const response = await new Promise<NodeJS.ReadableStream>((resolve, reject) => {
    get({ port, path: `/${query}` }, resolve).on('error', reject);
  });
  response.resume();
  await once(response, 'end');
  const { user, system } = process.cpuUsage(before);
  held.disable();
  return {
    ms: performance.now() - startedAt,
    cpuMs: (user + system) / 1e3,
    heldMs: held.max / 1e6,
  };
}
