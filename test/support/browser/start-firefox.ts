import { accessSync, constants } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import puppeteer, { type Browser } from 'puppeteer-core';
import { torBrowserPreferences } from './tor-browser-preferences.js';

const FIREFOX = '/usr/bin/firefox-esr';
/** Two cores that are busy with Tor start it slowly. */
const START_MS = 90_000;

export interface FirefoxOptions {
  /** For its profile and what else it writes; removed by its owner. */
  readonly directory: string;
  readonly socksPort: number;
  readonly preferences?: Readonly<Record<string, string | number | boolean>>;
}

/**
 * Firefox with a profile of its own, set up as Tor Browser is. It never outlives this process.
 *
 * @throws Error that names what is missing
 */
export async function startFirefox(options: FirefoxOptions): Promise<Browser> {
  assertInstalled();
  const { directory, socksPort, preferences } = options;
  const [profile, home] = [join(directory, 'profile'), join(directory, 'home')];
  for (const path of [profile, home]) await mkdir(path, { recursive: true });
  return await puppeteer.launch({
    browser: 'firefox',
    // The kernel kills Firefox when this process dies, however that happens.
    executablePath: '/usr/bin/setpriv',
    ignoreDefaultArgs: true,
    args: [
      ...['--pdeathsig', 'KILL', '--', FIREFOX, '--headless', '--no-remote'],
      ...[
        '--profile',
        profile,
        '--remote-debugging-port=0',
        '--remote-allow-system-access',
        'about:blank',
      ],
    ],
    extraPrefsFirefox: {
      ...torBrowserPreferences(socksPort),
      ...preferences,
    },
    env: { PATH: process.env['PATH'], HOME: home, TMPDIR: home },
    timeout: START_MS,
    protocolTimeout: START_MS,
  });
}

function assertInstalled(): void {
  try {
    accessSync(FIREFOX, constants.X_OK);
  } catch (cause) {
    throw new Error(`${FIREFOX} is missing: apt-get install firefox-esr`, { cause });
  }
}
