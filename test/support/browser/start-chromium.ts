import { accessSync, constants } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import puppeteer, { type Browser } from 'puppeteer-core';

const CHROMIUM = '/usr/bin/chromium';
/** Two cores that are busy with Tor start it slowly. */
const START_MS = 180_000;
/** Of one command. Longer than a page is waited for, which is one command, too. */
const COMMAND_MS = 240_000;

export interface ChromiumOptions {
  /** For its profile and what else it writes; removed by its owner. */
  readonly directory: string;
  /** What pages are asked for in, such as `de` */
  readonly language: string;
}

export interface Chromium extends AsyncDisposable {
  readonly browser: Browser;
}

/**
 * Chromium as somebody's everyday browser, with a profile of its own: what Firefox says of the page
 * of `open` is said again by the other engine that most people have. It never outlives this process.
 *
 * @throws Error that names what is missing
 */
export async function startChromium({ directory, language }: ChromiumOptions): Promise<Chromium> {
  assertInstalled();
  const [profile, home] = [join(directory, 'chromium'), join(directory, 'chromium-home')];
  for (const path of [profile, home]) await mkdir(path, { recursive: true });
  const browser = await puppeteer.launch({
    browser: 'chrome',
    // The kernel kills Chromium when this process dies, however that happens.
    executablePath: '/usr/bin/setpriv',
    ignoreDefaultArgs: true,
    args: [
      ...['--pdeathsig', 'KILL', '--', CHROMIUM, '--headless=new', `--user-data-dir=${profile}`],
      // Its sandbox refuses to run as root, as the tests do; it opens nothing but our own page.
      '--no-sandbox',
      ...['--disable-gpu', '--disable-dev-shm-usage', '--no-first-run', '--hide-scrollbars'],
      // It would fetch and look for things of its own.
      ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
      ...[`--lang=${language}`, `--accept-lang=${language}`],
      ...['--remote-debugging-port=0', 'about:blank'],
    ],
    // Otherwise it could not read files whose names are not ASCII.
    env: { PATH: process.env['PATH'], HOME: home, TMPDIR: home, LANG: 'C.UTF-8' },
    timeout: START_MS,
    protocolTimeout: COMMAND_MS,
  });
  return { browser, [Symbol.asyncDispose]: () => browser.close() };
}

function assertInstalled(): void {
  try {
    accessSync(CHROMIUM, constants.X_OK);
  } catch (cause) {
    throw new Error(`${CHROMIUM} is missing: apt-get install chromium`, { cause });
  }
}
