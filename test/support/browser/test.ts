import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'puppeteer-core';
import { inject } from 'vitest';
import { test as base } from '../stage.js';
import { type FirefoxOptions, startFirefox } from './start-firefox.js';
import { DARK, SAFER } from './tor-browser-preferences.js';

/** Tor Browser at its level "Safest", where no script runs; at "Safer", where they run slowly; as it comes; and as it comes, in the dark. */
export type Kind = 'safest' | 'safer' | 'standard' | 'dark';

/** One for all tests of a file, started when the first of them wants it. */
export type Browse = (kind: Kind) => Promise<Browser>;

const OPTIONS: Readonly<Record<Kind, Pick<FirefoxOptions, 'javascript' | 'preferences'>>> = {
  safest: { javascript: false },
  safer: { javascript: true, preferences: SAFER },
  standard: { javascript: true },
  dark: { javascript: true, preferences: DARK },
};

/** A test with browsers on the run's private network. */
export const test = base.extend<{ browse: Browse }>({
  browse: [
    // vitest reads the names of what a fixture needs from this parameter.
    async ({}, use) => {
      const started = new Map<Kind, Promise<Browser>>();
      await use(async (kind) => {
        const browser = started.get(kind) ?? start(kind);
        started.set(kind, browser);
        return await browser;
      });
      const ends = [...started.values()].map(async (browser) => (await browser).close());
      await Promise.allSettled(ends);
    },
    { scope: 'file' },
  ],
});

async function start(kind: Kind): Promise<Browser> {
  // Removed with all else of the run.
  const directory = await mkdtemp(join(inject('runDirectory'), 'firefox-'));
  return await startFirefox({ directory, socksPort: inject('socksPort'), ...OPTIONS[kind] });
}
