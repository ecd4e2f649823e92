import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Browser } from 'puppeteer-core';
import { connectFirefox, startFirefox } from './start-firefox.js';

export interface FirefoxPoolOptions {
  /** Of the run; profiles are made in it. */
  readonly directory: string;
  readonly socksPort: number;
}

export interface FirefoxPool extends AsyncDisposable {
  /** The unix socket at which workers borrow. */
  readonly path: string;
}

/** One that runs. It takes commands of one at a time. */
interface Firefox {
  readonly endpoint: string;
  /** Also of its process group. */
  readonly pid: number;
}

/** Written by a borrower that has put everything back. */
const DONE = 'done\n';

/**
 * Lends Firefoxes to the files of a run: to start one costs more than most tests do in it. One is
 * started when none is free. A borrower has it to itself for as long as its connection lasts.
 */
export async function openFirefoxPool(options: FirefoxPoolOptions): Promise<FirefoxPool> {
  const free: Firefox[] = [];
  const all = new Set<Firefox>();
  const end = (firefox: Firefox): void => {
    if (all.delete(firefox)) signal(-firefox.pid, 'SIGKILL');
  };
  const lend = async (borrower: Socket): Promise<void> => {
    const closed = once(borrower, 'close');
    let said = '';
    borrower.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    borrower.on('error', () => undefined);
    const firefox = free.pop() ?? (await start(options));
    all.add(firefox);
    signal(firefox.pid, 'SIGCONT');
    borrower.write(`${firefox.endpoint}\n`);
    await closed;
    // One that is left in the middle still listens to who is gone.
    if (said !== DONE) {
      end(firefox);
      return;
    }
    // Idle it would go on to compute. Its own processes do not, and have to see its end.
    signal(firefox.pid, 'SIGSTOP');
    free.push(firefox);
  };
  const path = join(options.directory, 'firefox');
  const server = createServer((borrower) => {
    lend(borrower).catch((error: unknown) => borrower.end(`${String(error)}\n`));
  });
  await once(server.listen(path), 'listening');
  return {
    path,
    [Symbol.asyncDispose]: async (): Promise<void> => {
      server.close();
      for (const firefox of all) end(firefox);
      await Promise.resolve();
    },
  };
}

/** One of them, for as long as it is not put back. */
export interface Borrowed extends AsyncDisposable {
  readonly browser: Browser;
}

/** Borrows from the pool at this socket. */
export async function borrowFirefox(path: string): Promise<Borrowed> {
  const lent = connect(path);
  try {
    const endpoint = await firstLine(lent);
    const browser = await connectFirefox(endpoint);
    return {
      browser,
      [Symbol.asyncDispose]: async (): Promise<void> => {
        await browser.disconnect();
        lent.end(DONE);
        await once(lent, 'close');
      },
    };
  } catch (error) {
    lent.destroy();
    throw error;
  }
}

async function start({ directory, socksPort }: FirefoxPoolOptions): Promise<Firefox> {
  const own = await mkdtemp(join(directory, 'firefox-'));
  const browser = await startFirefox({ directory: own, socksPort });
  const pid = browser.process()?.pid;
  if (pid === undefined) throw new Error('Firefox has no process');
  const endpoint = browser.wsEndpoint();
  await browser.disconnect();
  return { endpoint, pid };
}

/** It may have ended. */
function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

/** The endpoint that is lent, or why there is none. */
async function firstLine(lent: Socket): Promise<string> {
  let said = '';
  for await (const text of lent.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
    said += String(text);
    if (said.endsWith('\n')) break;
  }
  const line = said.trimEnd();
  if (!line.startsWith('ws:')) throw new Error(`no Firefox could be borrowed: ${line}`);
  return line;
}
