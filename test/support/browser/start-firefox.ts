import { accessSync, constants } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import puppeteer, { type Browser } from 'puppeteer-core';
import { torBrowserPreferences } from './tor-browser-preferences.js';

const FIREFOX = '/usr/bin/firefox-esr';
/** Two cores that are busy with Tor start it slowly. */
const START_MS = 180_000;
/** Of one command. Longer than a page is waited for, which is one command, too. */
const COMMAND_MS = 240_000;

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
      // One that was started ahead would have settings as they were then.
      'dom.ipc.processPrelaunch.enabled': false,
      // Nobody looks at what moves; drawing it takes a fifth of Firefox's time.
      'layout.frame_rate': 10,
      ...preferences,
    },
    env: { PATH: process.env['PATH'], HOME: home, TMPDIR: home },
    timeout: START_MS,
    protocolTimeout: COMMAND_MS,
  });
}

/** Commands one that runs, which is told them by nobody else. */
export async function connectFirefox(endpoint: string): Promise<Browser> {
  return await puppeteer.connect({
    browserWSEndpoint: endpoint,
    protocol: 'webDriverBiDi',
    protocolTimeout: COMMAND_MS,
  });
}

function assertInstalled(): void {
  try {
    accessSync(FIREFOX, constants.X_OK);
  } catch (cause) {
    throw new Error(`${FIREFOX} is missing: apt-get install firefox-esr`, { cause });
  }
}
