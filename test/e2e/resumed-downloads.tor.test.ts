import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { describe, expect, inject } from 'vitest';
import { breakOff } from '../support/break-off.js';
import { download } from '../support/browser/download.js';
import { startHttpProxy } from '../support/browser/http-proxy.js';
import { pauseDownload, resumeDownload } from '../support/browser/pause-download.js';
import { test as base } from '../support/browser/test.js';
import { Visitor } from '../support/browser/visitor.js';
import { hashOf, sha256 } from '../support/carry.js';
import type { Printed } from '../support/ferry.js';
import { openStage, SLOW_LINE, type Stage } from '../support/stage.js';

const FILM = randomBytes(1_800_000);
/** After which it is interrupted. */
const SOME_BYTES = 300_000;

interface Shared {
  readonly stage: Stage;
  readonly online: Printed<'online'>;
  /** What is downloaded: the file itself, and all there is as one archive. */
  readonly urls: { readonly file: string; readonly archive: string };
}

const test = base.extend<{ shared: Shared }>({
  shared: [
    // vitest reads the names of what a fixture needs from this parameter.
    async ({}, use) => {
      await using stage = await openStage();
      const paths = [await stage.file('film.bin', FILM), await stage.file('note', 'a note')];
      const share = await stage.start(['share', '--json', ...paths], SLOW_LINE);
      const online = await share.told('online');
      const [file, archive] = [`${online.url}files/film.bin`, `${online.url}everything.zip`];
      await use({ stage, online, urls: { file, archive } });
    },
    { scope: 'file' },
  ],
});

describe('a download that was interrupted', () => {
  test.for(['file', 'archive'] as const)('is resumed by curl (%s)', async (what, {
    shared: { stage, online, urls },
  }) => {
    const path = stage.at(`by-curl-${what}`);
    const config = stage.at(`curlrc-${what}`);
    // Not in a command line, where others could read it.
    await writeFile(config, `user = "${online.user}:${online.password}"\n`);
    const socks = `127.0.0.1:${String(inject('socksPort'))}`;
    const curl = ['curl', '-sSf', '-K', config, '--socks5-hostname', socks, '-o', path];
    const had = await breakOff([...curl, urls[what]], path, SOME_BYTES);
    const [program, ...args] = curl;
    await promisify(execFile)(program!, [...args, '-C', '-', urls[what]]);
    await expectWhole(what, path, had);
  });

  test.for(['file', 'archive'] as const)('is resumed by wget (%s)', async (what, {
    shared: { stage, online, urls },
  }) => {
    await using proxy = await startHttpProxy(inject('socksPort'));
    const path = stage.at(`by-wget-${what}`);
    const config = stage.at(`wgetrc-${what}`);
    const { user, password } = online;
    await writeFile(config, `user = ${user}\npassword = ${password}\nhttp_proxy = ${proxy.url}\n`);
    const wget = ['wget', '-q', `--config=${config}`, '--auth-no-challenge', '-O', path];
    const had = await breakOff([...wget, urls[what]], path, SOME_BYTES);
    const [program, ...args] = wget;
    await promisify(execFile)(program!, [...args, '-c', urls[what]]);
    await expectWhole(what, path, had);
  });

  test('is resumed by Tor Browser', async ({ shared: { stage, online }, browse }) => {
    const browser = await browse('safest');
    // Firefox forgets what was typed when it resumes.
    await using visitor = await Visitor.arrive({
      browser,
      directory: stage.path,
      credentials: online,
    });
    await visitor.open(online.url);
    const path = await download(visitor, async () => {
      await visitor.press('film.bin');
      await pauseDownload(browser, SOME_BYTES);
      await resumeDownload(browser);
    });
    expect(await hashOf(path)).toBe(sha256(FILM));
  });
});

async function expectWhole(what: 'file' | 'archive', path: string, had: number): Promise<void> {
  expect(had).toBeLessThan(FILM.length);
  if (what === 'file') expect(await hashOf(path)).toBe(sha256(FILM));
  else {
    const { stdout } = await promisify(execFile)('unzip', ['-p', path, 'film.bin'], {
      encoding: 'buffer',
      maxBuffer: 2 * FILM.length,
    });
    expect(sha256(stdout)).toBe(sha256(FILM));
  }
}
