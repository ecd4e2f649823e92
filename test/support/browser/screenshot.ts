import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'puppeteer-core';

/** The folder that pictures of all pages go to; without it none are made. */
const FOLDER = process.env['SCREENSHOTS'];

/** Takes a picture of the whole page, for a person to look at. */
export async function screenshot(page: Page, name: string): Promise<void> {
  if (FOLDER === undefined) return;
  await mkdir(FOLDER, { recursive: true });
  await page.screenshot({ path: join(FOLDER, `${name}.png`), fullPage: true });
}
