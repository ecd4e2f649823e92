import type { Browser } from 'puppeteer-core';
import { inject } from 'vitest';
import { test as base } from '../stage.js';
import { type Borrowed, borrowFirefox } from './firefox-pool.js';
import { setPreferences } from './in-firefox.js';
import {
  AS_IT_COMES,
  DARK,
  SAFER,
  SAFEST,
  torBrowserPreferences,
} from './tor-browser-preferences.js';

/** Tor Browser at its level "Safest", where no script runs; at "Safer", where they run slowly; as it comes; and as it comes, in the dark. */
export type Kind = 'safest' | 'safer' | 'standard' | 'dark';

/**
 * Borrowed when a test of a file first wants it. All are one Firefox that is set differently, as
 * people do: pages that were opened before are not to be used any more.
 */
export type Browse = (kind: Kind) => Promise<Browser>;

const SETTINGS = { safest: SAFEST, safer: SAFER, standard: AS_IT_COMES, dark: DARK };

/** A test with browsers on the run's private network. */
export const test = base.extend<{ browse: Browse }>({
  browse: [
    // vitest reads the names of what a fixture needs from this parameter.
    async ({}, use) => {
      let borrowing: Promise<Borrowed> | undefined;
      await use(async (kind) => {
        const { browser } = await (borrowing ??= borrow());
        await setPreferences(browser, SETTINGS[kind]);
        return browser;
      });
      // If there is none, the test has said so.
      const borrowed = await borrowing?.catch(() => undefined);
      await borrowed?.[Symbol.asyncDispose]();
    },
    { scope: 'file' },
  ],
});

async function borrow(): Promise<Borrowed> {
  const borrowed = await borrowFirefox(inject('firefoxPool'));
  // Whoever had it before may have set it otherwise.
  await setPreferences(borrowed.browser, torBrowserPreferences(inject('socksPort')));
  return borrowed;
}
