import { rmSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { type PrivateNetwork, startPrivateNetwork } from '../../src/private-network/start.js';
import { findOrInstallTor } from '../../src/tor/program/install-tor.js';
import type { TorProgram } from '../../src/tor/program/tor-program.js';
import { startBrowserTor } from './browser/browser-tor.js';
import { openFirefoxPool } from './browser/firefox-pool.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Lines for the torrc of a client that is to use the run's private network. */
    torrc: string;
    /** The tor that runs it, found where the product finds it when none is asked for. */
    torProgram: TorProgram;
    /** Of this run alone; removed at its end, or by the next run if this one is killed. */
    runDirectory: string;
    /** Of the tor that browsers and other programs use, on 127.0.0.1. */
    socksPort: number;
    /** The unix socket of that tor's control port. */
    browserControl: string;
    /** The unix socket at which Firefoxes are borrowed. */
    firefoxPool: string;
  }
}

/**
 * tor learns from a hundred circuits how long one may take. Between processes of one machine that is
 * milliseconds, and once the machine is busy everything would count as failed. Not longer than need
 * be: of the circuits to introduction points that tor holds back ("waiting to see how other guards
 * perform") it tries another one only after half as much again, which happens to one publication of
 * a few.
 */
const PATIENT_CIRCUITS = 'LearnCircuitBuildTimeout 0\nCircuitBuildTimeout 20\n';

const PREFIX = 'onionferry-tor-tests-';

/** Starts one private Tor network for the whole run, installing a tor first if there is none. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await removeLeftBehind();
  const directory = await mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`));
  // On SIGINT and SIGTERM vitest exits within a millisecond and calls no teardown. The network and
  // the installation see to themselves then, and so does this.
  const onExit = (): void => rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
  process.once('exit', onExit);
  let network: PrivateNetwork | undefined;
  try {
    const program = await findOrInstallTor({ dataDir: join(directory, 'data') });
    network = await startPrivateNetwork({ program, directory: join(directory, 'network') });
    const torrc = `${network.torrc}${PATIENT_CIRCUITS}`;
    const browserTor = await startBrowserTor({ directory, torrc, program });
    const { socksPort } = browserTor;
    const firefoxPool = await openFirefoxPool({ directory, socksPort });
    project.provide('torrc', torrc);
    project.provide('torProgram', program);
    project.provide('runDirectory', directory);
    project.provide('socksPort', socksPort);
    project.provide('firefoxPool', firefoxPool.path);
    project.provide('browserControl', browserTor.control);
    return async () => {
      await firefoxPool[Symbol.asyncDispose]();
      await browserTor[Symbol.asyncDispose]();
      await network?.close();
      await rm(directory, { recursive: true, force: true });
      process.removeListener('exit', onExit);
    };
  } catch (error) {
    await network?.close();
    await rm(directory, { recursive: true, force: true });
    throw new Error('The tests that need Tor cannot run, because the private network is missing', {
      cause: error,
    });
  }
}

/** Directories of runs that were killed: their tors have ended by themselves. */
async function removeLeftBehind(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = name.startsWith(PREFIX) ? Number.parseInt(name.slice(PREFIX.length), 10) : 0;
    if (pid > 0 && !isAlive(pid)) await rm(join(tmpdir(), name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
