import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, BrowserContext, ElementHandle, HTTPResponse, Page } from 'puppeteer-core';

export interface VisitorOptions {
  /** One that is shared with other visitors, who know nothing of this one. */
  readonly browser: Browser;
  /** A folder for what is downloaded is made in it. */
  readonly directory: string;
  /** What is typed when a page asks; without them nothing is, and the page is never there. */
  readonly credentials?: { readonly user: string; readonly password: string };
}

const LOOK_EVERY_MS = 200;
/** Longer than tor's own for a stream (SocksTimeout, two minutes), after which Firefox asks again. */
const PATIENCE_MS = 180_000;
const HEIGHT = 844;
/** Of a small phone (WCAG 2.2, 1.4.10); and of a window on a desk. */
export const PHONE_WIDTH = 320;
export const DESK_WIDTH = 1100;

/** Somebody who has been nowhere: no password typed before, no page in the cache. */
export class Visitor implements AsyncDisposable {
  readonly browser: Browser;
  readonly page: Page;
  /** Where what is downloaded goes. */
  readonly downloads: string;
  /** All that was answered so far, also to the page's own requests. */
  readonly responses: HTTPResponse[] = [];
  /** Each address that something was asked of, whether it answered or not. */
  readonly requested: string[] = [];
  readonly #context: BrowserContext;

  private constructor(browser: Browser, context: BrowserContext, page: Page, downloads: string) {
    this.browser = browser;
    this.#context = context;
    this.page = page;
    this.downloads = downloads;
    page.on('request', (request) => this.requested.push(request.url()));
    page.on('response', (response) => this.responses.push(response));
  }

  static async arrive(options: VisitorOptions): Promise<Visitor> {
    const { browser, credentials } = options;
    const downloadPath = await mkdtemp(join(options.directory, 'downloads-'));
    const context = await browser.createBrowserContext({
      downloadBehavior: { policy: 'allow', downloadPath },
    });
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    await page.setViewport({ width: DESK_WIDTH, height: HEIGHT });
    if (credentials !== undefined) {
      await page.authenticate({ username: credentials.user, password: credentials.password });
    }
    return new Visitor(browser, context, page, downloadPath);
  }

  async resize(width: number): Promise<void> {
    await this.page.setViewport({ width, height: HEIGHT });
  }

  async open(url: string): Promise<HTTPResponse> {
    const response = await this.page.goto(url);
    if (response === null) throw new Error(`nothing was fetched from ${url}`);
    return response;
  }

  /** All that can be read on the page. */
  async text(): Promise<string> {
    return await this.page.evaluate(() => document.body.innerText);
  }

  /** Follows the link or presses the button that is called `text`, to the page behind it. */
  async follow(text: string): Promise<void> {
    await Promise.all([this.page.waitForNavigation(), this.press(text)]);
  }

  /** As `follow`, where no other page comes. */
  async press(text: string): Promise<void> {
    await this.page.evaluate(pressIn, text);
  }

  /** Chooses files in a form. */
  async choose(selector: string, ...paths: readonly string[]): Promise<void> {
    // The author of a selector knows the type of what it finds.
    const field = (await this.page.$(selector)) as ElementHandle<HTMLInputElement> | null;
    if (field === null) throw new Error(`there is no field ${selector}`);
    await field.uploadFile(...paths);
  }

  /** Writes into a field of a form. */
  async write(selector: string, text: string): Promise<void> {
    await this.page.focus(selector);
    await this.page.keyboard.type(text);
  }

  /** Resolves when that can be read on the page, or the next. */
  async reads(what: string | RegExp): Promise<void> {
    const isThere = (text: string): boolean =>
      typeof what === 'string' ? text.includes(what) : what.test(text);
    let last = '';
    for (const start = performance.now(); performance.now() - start < PATIENCE_MS; ) {
      // One page may just give way to another.
      last = await this.text().catch(() => '');
      if (isThere(last)) return;
      await sleep(LOOK_EVERY_MS);
    }
    throw new Error(`the page does not say ${String(what)}, but:\n${last}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#context.close();
  }
}

/** Runs in the page. Where no script runs, the pointer of WebDriver does not move, but this works. */
function pressIn(text: string): void {
  const all = [...document.querySelectorAll<HTMLElement>('a, button')];
  // Before its name may stand what only a screen reader says.
  const names = all.map((element) => element.innerText.trim().split('\n').at(-1));
  const [index, ...others] = names.flatMap((name, index) => (name === text ? index : []));
  if (index === undefined || others.length > 0) {
    throw new Error(`one link or button should be called ${text} of these: ${names.join(' | ')}`);
  }
  all[index]?.click();
}
