import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser } from 'puppeteer-core';
import { en } from '../../src/pages/words/en.js';
import { startBrowserTor } from '../support/browser/browser-tor.js';
import { download } from '../support/browser/download.js';
import { startFirefox } from '../support/browser/start-firefox.js';
import { SAFER } from '../support/browser/tor-browser-preferences.js';
import { Visitor } from '../support/browser/visitor.js';
import type { Benchmark, BenchmarkResult } from './benchmark.js';
import { prepareContent } from './content.js';
import { assertSame } from './large/assert-same.js';
import { CREDENTIALS } from './pages/fetch.js';
import {
  LOOK_MS,
  measuresOf,
  PAGE_CONTENT,
  PAGE_PATIENCE_MS,
  PAGE_RUNS,
  pageNetwork,
} from './plain-against-page.js';
import { sidePrograms } from './processes/start-side.js';
import { PAGE_SHARE } from './sides/programs.js';
import { benchDirectory } from './turns.js';

/** Of the plain download. */
const REQUIRED = { wan: 4, real: 2.5 } as const;
/** The links, by what is called on the page. */
const WAYS = { plain: en.share.only, page: en.parallel.everythingFaster } as const;
type Way = keyof typeof WAYS;

/** A file of a share by Tor Browser: the plain download against the page with siblings. */
export const pageCircuits: Benchmark = {
  name: 'page-circuits',
  about: 'a file of a share by Firefox over Tor: over several addresses against the plain download',
  async *run(options): AsyncGenerator<BenchmarkResult> {
    const { contents: [content = PAGE_CONTENT] = [], runs = PAGE_RUNS, signal, say } = options;
    await using directory = await benchDirectory(options.directory);
    const { path, parent } = directory;
    await using sides = await sidePrograms(options.profiles);
    const file = await prepareContent(join(path, 'file'), content, signal);
    await using tors = await pageNetwork({ ...options, directory: path, sides });
    const seconds: Record<Way, number[]> = { plain: [], page: [] };
    for (let run = 1; run <= runs; run++) {
      // Fresh ones on both sides: what relays they draw decides much of the rate.
      const own = join(path, `run-${run}`);
      await mkdir(own);
      const { running } = await tors.start();
      await using sharing = await sides.start(PAGE_SHARE, {
        ...{ path: file.path, tor: running, dataDir: own },
      });
      const url = await sharing.ready;
      await using client = await startBrowserTor({ ...tors, directory: own });
      const { socksPort } = client;
      const browser = await startFirefox({ directory: own, socksPort, preferences: SAFER });
      try {
        for (const way of ['plain', 'page'] as const) {
          signal.throwIfAborted();
          const into = join(own, way);
          await mkdir(into);
          const saved = await save(browser, { url, into, way });
          await assertSame(saved.path, file);
          seconds[way].push(saved.seconds);
          const rate = (content.bytes / saved.seconds / 1e6).toFixed(2);
          say(`page-circuits: ${way}, run ${run} of ${runs}: ${rate} MB/s`);
        }
      } finally {
        await browser.close();
        await rm(own, { recursive: true, force: true });
      }
    }
    yield {
      benchmark: 'page-circuits',
      content: content.name,
      bytes: content.bytes,
      directory: parent,
      counted:
        'from the click, some seconds after the page was there, to the browser’s word that it is saved, scripts as at the level “Safer”; fresh tors on both sides for each run',
      ways: [],
      measures: measuresOf(content.bytes, seconds, REQUIRED[options.profile ?? 'wan']),
    };
  },
};

interface Source {
  readonly url: string;
  /** New and empty for each run. */
  readonly into: string;
  readonly way: Way;
}

async function save(
  browser: Browser,
  { url, into, way }: Source,
): Promise<{ readonly path: string; readonly seconds: number }> {
  await using visitor = await Visitor.arrive({
    browser,
    directory: into,
    credentials: CREDENTIALS,
  });
  await visitor.open(url);
  let startedAt = 0;
  await sleep(LOOK_MS);
  const click = async (): Promise<void> => {
    startedAt = performance.now();
    await visitor.press(WAYS[way]);
  };
  const path = await download(visitor, click, PAGE_PATIENCE_MS);
  return { path, seconds: (performance.now() - startedAt) / 1000 };
}
