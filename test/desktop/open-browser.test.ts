import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openBrowser } from '../../src/desktop/open-browser.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

const ADDRESS = "http://127.0.0.1:8080/#a-token_&'$(x)";

/** A folder with an `xdg-open` that writes down what it is given. */
async function openerIn(): Promise<{ readonly directory: string; readonly noted: string }> {
  const directory = await temporaryDirectory();
  const noted = join(directory, 'noted');
  const script = `#!/bin/sh\nprintf '%s\\n' "$#" "$1" > '${noted}.part'\n/bin/mv '${noted}.part' '${noted}'\n`;
  await writeFile(join(directory, 'xdg-open'), script);
  await chmod(join(directory, 'xdg-open'), 0o755);
  return { directory, noted };
}

test("the system's opener gets the address, and no shell reads it", async () => {
  const { directory, noted } = await openerIn();
  expect(await openBrowser(ADDRESS, { PATH: directory, DISPLAY: ':0' })).toBe(true);
  const read = (): Promise<string> => readFile(noted, 'utf8').catch(() => '');
  await expect.poll(read).toBe(`1\n${ADDRESS}\n`);
});

test('without an opener, or without a screen, nothing is opened', async () => {
  const empty = await temporaryDirectory();
  expect(await openBrowser(ADDRESS, { PATH: empty, DISPLAY: ':0' })).toBe(false);
  const { directory } = await openerIn();
  expect(await openBrowser(ADDRESS, { PATH: directory })).toBe(false);
});
