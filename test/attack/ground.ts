import { type ChildProcess, fork, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { Cleanup } from '../../src/base/cleanup.js';
import { parseOnionAddress } from '../../src/onion/address.js';
import { startPrivateNetwork } from '../../src/private-network/start.js';
import type { Tor } from '../../src/tor/instance/tor.js';
import { findOrInstallTor } from '../../src/tor/program/install-tor.js';
import { startTor } from '../support/start-tor.js';
import type { Attack, Target, TargetKind } from './attack.js';
import type { Orders } from './attackers.js';
import type { Honest } from './honest.js';

const PROGRAM = resolve(import.meta.dirname, '../../dist/cli/main.js');
const ATTACKERS = join(import.meta.dirname, 'attackers.ts');
const CONTENT_BYTES = 20_000_000;
/** A program that has been asked to end may take this long. */
const END_MS = 10_000;

/** A private Tor network with programs to attack, and a tor each for honest people and attackers. */
export interface Ground extends AsyncDisposable {
  readonly honest: Honest;
  /** Started when it is first wanted. */
  target(kind: TargetKind): Promise<Target>;
  /** A process that attacks until it is disposed of. */
  begin(attack: Attack, target: Target, circuits: number): Attackers;
}

export interface Attackers extends AsyncDisposable {
  /** What they have counted so far */
  readonly counted: Readonly<Record<string, number>>;
}

/** @param program what is attacked, such as an earlier build; default this one */
export async function prepareGround(
  say: (what: string) => void,
  attacked: string = PROGRAM,
): Promise<Ground> {
  const cleanup = new Cleanup();
  const directory = await mkdtemp(join(tmpdir(), 'onionferry-attack-'));
  cleanup.add(() => rm(directory, { recursive: true, force: true }));
  try {
    const program = await findOrInstallTor({ dataDir: join(directory, 'data') });
    say(`starting a private Tor network (tor ${program.version})`);
    const network = await startPrivateNetwork({ program, directory: join(directory, 'network') });
    cleanup.add(() => network.close());
    const { torrc } = network;
    const torrcFile = join(directory, 'torrc');
    await writeFile(torrcFile, torrc);
    const torOf = async (name: string): Promise<Tor> => {
      const tor = await startTor({ dataDir: join(directory, name), found: program, torrc });
      cleanup.add(() => tor.close());
      return tor;
    };
    const [friend, foe] = [await torOf('honest'), await torOf('attackers')];
    const file = join(directory, 'content');
    await writeFile(file, noise(CONTENT_BYTES));
    const targets = new Map<TargetKind, Promise<Target>>();
    return {
      honest: {
        socks: friend.socks,
        tor: runningOf(friend),
        directory,
        file,
        bytes: CONTENT_BYTES,
      },
      target: (kind) => {
        const begun =
          targets.get(kind) ??
          startTarget(kind, { attacked, directory, file, torrcFile, cleanup, say });
        targets.set(kind, begun);
        return begun;
      },
      begin: (attack, target, circuits) =>
        begin({ attack: attack.name, target, socks: foe.socks, circuits }),
      [Symbol.asyncDispose]: () => cleanup.run(),
    };
  } catch (error) {
    await cleanup.run();
    throw error;
  }
}

/** Content that nobody can compress. */
function noise(bytes: number): Buffer {
  const block = randomBytes(1 << 20);
  const blocks = Array.from({ length: Math.ceil(bytes / block.length) }, () => block);
  return Buffer.concat(blocks).subarray(0, bytes);
}

function runningOf({ socks }: Tor): Honest['tor'] {
  if (socks.kind !== 'unix') throw new Error('attacks want a system with unix sockets');
  return { control: join(dirname(socks.path), 'control'), socks: socks.path };
}

interface Start {
  readonly attacked: string;
  readonly directory: string;
  readonly file: string;
  readonly torrcFile: string;
  readonly cleanup: Cleanup;
  readonly say: (what: string) => void;
}

/** The program as people run it, with a tor of its own. */
async function startTarget(
  kind: TargetKind,
  { attacked, directory, file, torrcFile, cleanup, say }: Start,
): Promise<Target> {
  say(`starting ${kind}`);
  const args = { send: ['send', file, '--keep'], share: ['share', file], relay: ['relay'] }[kind];
  const home = join(directory, kind);
  const child = spawn(process.execPath, [attacked, ...args, '--json', '--ephemeral'], {
    env: {
      PATH: process.env['PATH'],
      TMPDIR: directory,
      ONIONFERRY_HOME: home,
      ONIONFERRY_TORRC: torrcFile,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  cleanup.add(() => ended(child, 'SIGTERM'));
  for await (const line of createInterface({ input: child.stdout })) {
    // Only our own program writes there.
    const told = JSON.parse(line) as Record<string, string>;
    if (told['event'] !== 'online') continue;
    child.stdout.resume();
    const { onion = '', user = '', password = '' } = told;
    const access = kind === 'relay' ? password : password.split('-').slice(0, 2).join('-');
    return { kind, onion: parseOnionAddress(onion), user, password, access };
  }
  throw new Error(`${kind} ended before it was online`);
}

function begin(orders: Orders): Attackers {
  const child = fork(ATTACKERS, [JSON.stringify(orders)], {
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  let counted: Record<string, number> = {};
  child.on('message', (told) => {
    // Written by attackers.ts.
    counted = told as Record<string, number>;
  });
  return {
    get counted() {
      return counted;
    },
    async [Symbol.asyncDispose](): Promise<void> {
      if (child.connected) child.disconnect();
      await ended(child);
    },
  };
}

/** Waits for its end, and kills it if that takes too long. */
async function ended(child: ChildProcess, signal?: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  if (signal !== undefined) child.kill(signal);
  const tooLate = setTimeout(() => child.kill('SIGKILL'), END_MS);
  await exit;
  clearTimeout(tooLate);
}
