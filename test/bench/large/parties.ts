import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Cleanup } from '../../../src/base/cleanup.js';
import { mountAt } from '../../support/mounts.js';
import type { PreparedContent } from '../content.js';
import { Program } from '../processes/program.js';
import type { TorBench } from '../tor-bench.js';
import { type CountedSocks, countSocks } from './counted-socks.js';

/** Small disks, which can be filled. */
export type Disk = 'out' | 'recipient' | 'sender';
/** Besides the file itself in the out folder; records, journals and the state of tor in the others. */
const ROOM_BYTES = 64 * 1024 * 1024;

/** The command lines of both sides of one transfer, each started as often as it takes. */
export interface Parties extends AsyncDisposable {
  /** Of the recipient. */
  readonly dataDir: string;
  /** Where each is mounted, if they were asked for. */
  readonly disks: Readonly<Record<Disk, string>>;
  /** Where the file arrives. */
  readonly received: string;
  /** What the recipient is sent, by whichever of its processes. */
  readonly fetched: CountedSocks;
  send(resume?: 'resume'): Program;
  /** Without an invitation it resumes what it has begun. */
  receive(invitation?: string): Program;
}

/** The sender has a tor of its own, the recipient one that is connected already. */
export async function parties(
  directory: string,
  { torrc, client }: TorBench,
  { path, bytes }: PreparedContent,
  { signal, withDisks }: { signal: AbortSignal; withDisks: boolean },
): Promise<Parties> {
  const out = join(directory, 'out');
  const sender = join(directory, 'sender');
  const dataDir = join(directory, 'recipient');
  for (const one of [directory, sender, dataDir, out]) await mkdir(one, { recursive: true });
  const disks = { out, recipient: dataDir, sender };
  const torrcFile = join(directory, 'torrc');
  await writeFile(torrcFile, torrc);
  const socks = join(directory, 'socks');
  const cleanup = new Cleanup();
  let fetched: CountedSocks;
  try {
    for (const one of withDisks ? Object.values(disks) : []) {
      const mounted = await mountAt(one, 'tmpfs', ROOM_BYTES + (one === out ? bytes : 0));
      cleanup.add(async () => await mounted[Symbol.asyncDispose]());
    }
    signal.throwIfAborted();
    fetched = await countSocks(socks, client.running.socks);
    cleanup.add(async () => await fetched[Symbol.asyncDispose]());
  } catch (error) {
    await cleanup.run();
    throw error;
  }
  const started: Program[] = [];
  const end = async (): Promise<void> => {
    for (const program of started) await program.kill();
  };
  // Those that wait for one of them are told that it ended.
  const abort = (): void => void end();
  signal.addEventListener('abort', abort, { once: true });
  const start = (args: readonly string[], env?: Record<string, string>): Program => {
    const program = new Program(args, env);
    started.push(program);
    return program;
  };
  const senderArgs = ['--data-dir', sender, '--torrc', torrcFile];
  const running = ['--control', client.running.control, '--socks', socks];
  const recipientArgs = ['--data-dir', dataDir, ...running, '--out', out, '--yes'];
  return {
    ...{ dataDir, disks },
    received: join(out, path.slice(path.lastIndexOf('/') + 1)),
    fetched,
    send: (resume) => start(['send', ...(resume ? ['--resume'] : [path]), ...senderArgs]),
    receive: (invitation) =>
      start(
        ['receive', ...recipientArgs],
        invitation === undefined ? {} : { ONIONFERRY_PASSWORD: invitation },
      ),
    async [Symbol.asyncDispose]() {
      signal.removeEventListener('abort', abort);
      await end();
      await cleanup.run();
    },
  };
}
