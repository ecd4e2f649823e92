import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser } from 'puppeteer-core';
import { en } from '../../src/pages/words/en.js';
import { startBrowserTor } from '../support/browser/browser-tor.js';
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
import { PAGE_INBOX } from './sides/programs.js';
import { benchDirectory } from './turns.js';

const LOOK_EVERY_MS = 100;
/** Of the plain form, through relays that are alike. */
const REQUIRED = 3;
const WAYS = ['plain', 'page'] as const;
type Way = (typeof WAYS)[number];

/** A file for an inbox by Tor Browser: the plain form against the page with siblings. */
export const pageUploads: Benchmark = {
  name: 'page-uploads',
  about: 'a file for an inbox by Firefox over Tor: over several addresses against the plain form',
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
      const into = join(own, 'inbox');
      await mkdir(into, { recursive: true });
      const { running } = await tors.start();
      await using receiving = await sides.start(PAGE_INBOX, {
        ...{ into, tor: running, dataDir: own },
      });
      const url = await receiving.ready;
      await using client = await startBrowserTor({ ...tors, directory: own });
      const { socksPort } = client;
      const browser = await startFirefox({ directory: own, socksPort, preferences: SAFER });
      try {
        for (const [n, way] of WAYS.entries()) {
          signal.throwIfAborted();
          seconds[way].push(await send(browser, { url, path: file.path, way, directory: own }));
          const name = n === 0 ? 'file' : `file (${n})`;
          await assertSame(join(into, name), file);
          const rate = (content.bytes / (seconds[way].at(-1) ?? 0) / 1e6).toFixed(2);
          say(`page-uploads: ${way}, run ${run} of ${runs}: ${rate} MB/s`);
        }
      } finally {
        await browser.close();
        await rm(own, { recursive: true, force: true });
      }
    }
    yield {
      benchmark: 'page-uploads',
      content: content.name,
      bytes: content.bytes,
      directory: parent,
      counted:
        'from the click, some seconds after the file was chosen, to the page that confirms it, scripts as at the level “Safer”; fresh tors on both sides for each run',
      ways: [],
      measures: measuresOf(
        content.bytes,
        seconds,
        options.profile === 'real' ? undefined : REQUIRED,
      ),
    };
  },
};

interface Sent {
  readonly url: string;
  readonly path: string;
  readonly way: Way;
  readonly directory: string;
}

/** @returns the seconds that it took */
async function send(browser: Browser, { url, path, way, directory }: Sent): Promise<number> {
  await using visitor = await Visitor.arrive({ browser, directory, credentials: CREDENTIALS });
  await visitor.open(url);
  await visitor.choose('#files', path);
  await sleep(LOOK_MS);
  const startedAt = performance.now();
  // As the form is sent where no script is.
  if (way === 'plain') await visitor.page.evaluate(() => document.forms[0]?.submit());
  else await visitor.press(en.inbox.submit);
  const { title } = en.inbox.received;
  while (!(await visitor.text().catch(() => '')).includes(title)) {
    if (performance.now() - startedAt > PAGE_PATIENCE_MS) {
      throw new Error(`the page says: ${await visitor.text()}`);
    }
    await sleep(LOOK_EVERY_MS);
  }
  return (performance.now() - startedAt) / 1000;
}
