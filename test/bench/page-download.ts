import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'puppeteer-core';
import { createIdentity } from '../../src/onion/identity.js';
import { startBrowserTor } from '../support/browser/browser-tor.js';
import { download } from '../support/browser/download.js';
import { startFirefox } from '../support/browser/start-firefox.js';
import { Visitor } from '../support/browser/visitor.js';
import { type Benchmark, type BenchmarkResult, type Measure, median } from './benchmark.js';
import { parseContent, prepareContent } from './content.js';
import { assertSame } from './large/assert-same.js';
import { CREDENTIALS } from './pages/fetch.js';
import { sidePrograms } from './processes/start-side.js';
import { PAGE_SERVER } from './sides/programs.js';
import { torBench } from './tor-bench.js';
import { benchDirectory } from './turns.js';

const CONTENT = parseContent('30MB');
const RUNS = 5;
/** Of what curl gets. */
const REQUIRED = 0.95;
const CURL = 'curl';
const BROWSER = 'Tor Browser';

interface Source {
  readonly url: string;
  readonly socksPort: number;
  /** New and empty for each run. */
  readonly into: string;
}

/** A file of a share, saved by the browser and by curl, in turn and over the same circuit. */
export const pageDownload: Benchmark = {
  name: 'page-download',
  about: 'a file that Firefox downloads from a share over Tor against curl',
  async *run(options): AsyncGenerator<BenchmarkResult> {
    const { contents: [content = CONTENT] = [], runs = RUNS, delayMs = 0, signal, say } = options;
    await using directory = await benchDirectory(options.directory);
    const { path, parent } = directory;
    await using sides = await sidePrograms(options.profiles);
    const file = await prepareContent(join(path, 'file'), content, signal);
    await using tors = await torBench({ ...options, directory: path, sides, delayMs });
    await using server = await sides.start(PAGE_SERVER, {
      path: file.path,
      directory: path,
      isBare: false,
      circuitLine: true,
    });
    const target = { unix: await server.ready };
    const ports = [{ virtual: 80, target }];
    const { tor } = tors.service;
    const { onion } = await tor.publish({ identity: createIdentity(), ports, signal });
    await using client = await startBrowserTor({ ...tors, directory: path });
    const { socksPort } = client;
    const browser = await startFirefox({ directory: path, socksPort });
    const seconds = { [CURL]: new Array<number>(), [BROWSER]: new Array<number>() };
    try {
      for (let run = 1; run <= runs; run++) {
        for (const way of [CURL, BROWSER] as const) {
          signal.throwIfAborted();
          say(`page-download: ${way}, run ${run} of ${runs}`);
          const into = join(path, 'run');
          await mkdir(into);
          const source = { url: `http://${onion}/`, socksPort, into };
          const saved = await (way === CURL ? byCurl(source) : byBrowser(browser, source));
          await assertSame(saved.path, file);
          seconds[way].push(saved.seconds);
          await rm(into, { recursive: true });
        }
      }
    } finally {
      await browser.close();
    }
    yield {
      benchmark: 'page-download',
      content: content.name,
      bytes: content.bytes,
      directory: parent,
      counted:
        'from starting curl to its end; from the click to the browser’s word that it is saved',
      ways: [],
      measures: measuresOf(content.bytes, seconds),
    };
  },
};

interface Saved {
  readonly path: string;
  readonly seconds: number;
}

async function byCurl({ url, socksPort, into }: Source): Promise<Saved> {
  const path = join(into, 'file');
  const startedAt = performance.now();
  const socks = `127.0.0.1:${socksPort}`;
  const args = ['-sSf', '-K', '-', '--socks5-hostname', socks, '-o', path, `${url}files/file`];
  const curl = spawn('curl', args, { stdio: ['pipe', 'inherit', 'inherit'] });
  curl.stdin.end(`user = "${CREDENTIALS.user}:${CREDENTIALS.password}"\n`);
  // As documented.
  const [status] = (await once(curl, 'exit')) as [number | null];
  if (status !== 0) throw new Error(`curl has ended with ${String(status)}`);
  return { path, seconds: (performance.now() - startedAt) / 1000 };
}

async function byBrowser(browser: Browser, { url, into }: Source): Promise<Saved> {
  // A page from which something was downloaded is of no more use to WebDriver.
  await using visitor = await Visitor.arrive({
    browser,
    directory: into,
    credentials: CREDENTIALS,
  });
  await visitor.open(url);
  let startedAt = 0;
  const path = await download(visitor, async () => {
    startedAt = performance.now();
    await visitor.press('file');
  });
  return { path, seconds: (performance.now() - startedAt) / 1000 };
}

function measuresOf(
  bytes: number,
  seconds: Readonly<Record<typeof CURL | typeof BROWSER, readonly number[]>>,
): Measure[] {
  const rate = (way: typeof CURL | typeof BROWSER): number => bytes / median(seconds[way]);
  return [
    ...([CURL, BROWSER] as const).map((name) => ({ name, value: rate(name) / 1e6, unit: 'MB/s' })),
    { name: `${BROWSER} / ${CURL}`, value: rate(BROWSER) / rate(CURL), required: REQUIRED },
  ];
}
