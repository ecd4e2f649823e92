import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'puppeteer-core';
import { inject } from 'vitest';
import { test as base } from '../stage.js';
import { runInFirefox } from './in-firefox.js';
import { startFirefox } from './start-firefox.js';
import { AS_IT_COMES, DARK, SAFER, SAFEST } from './tor-browser-preferences.js';

/** Tor Browser at its level "Safest", where no script runs; at "Safer", where they run slowly; as it comes; and as it comes, in the dark. */
export type Kind = 'safest' | 'safer' | 'standard' | 'dark';

/**
 * Started when a test of a file first wants it. But for "safer" all are one Firefox that is set
 * differently, as people do: pages that were opened before are not to be used any more.
 */
export type Browse = (kind: Kind) => Promise<Browser>;

const SETTINGS = { safest: SAFEST, standard: AS_IT_COMES, dark: DARK };

/** A test with browsers on the run's private network. */
export const test = base.extend<{ browse: Browse }>({
  browse: [
    // vitest reads the names of what a fixture needs from this parameter.
    async ({}, use) => {
      const started: Partial<Record<'safer' | 'other', Promise<Browser>>> = {};
      await use(async (kind) => {
        if (kind === 'safer') return await (started.safer ??= start(SAFER));
        const browser = await (started.other ??= start());
        await set(browser, SETTINGS[kind]);
        return browser;
      });
      const ends = Object.values(started).map(async (browser) => (await browser).close());
      await Promise.allSettled(ends);
    },
    { scope: 'file' },
  ],
});

async function start(preferences: Readonly<Record<string, boolean>> = {}): Promise<Browser> {
  // Removed with all else of the run.
  const directory = await mkdtemp(join(inject('runDirectory'), 'firefox-'));
  return await startFirefox({ directory, socksPort: inject('socksPort'), preferences });
}

async function set(browser: Browser, preferences: Readonly<Record<string, number | boolean>>) {
  const lines = Object.entries(preferences).map(([name, value]) => {
    const type = typeof value === 'number' ? 'Int' : 'Bool';
    return `Services.prefs.set${type}Pref('${name}', ${String(value)});`;
  });
  await runInFirefox(browser, lines.join('\n'));
}
