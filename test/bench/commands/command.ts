import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { OnionAddress } from '../../../src/onion/address.js';
import { quote } from '../../../src/tor/control/quoting.js';
import type { TorProgram } from '../../../src/tor/program/tor-program.js';
import type { Run } from '../benchmark.js';
import type { PreparedContent } from '../content.js';
import { assertSame } from '../large/assert-same.js';
import { Program } from '../processes/program.js';
import type { Usage } from '../processes/report.js';
import { watchedToEnd } from '../processes/watched-child.js';
import { fetchByTorget, torgetTorrc } from '../ways/torget.js';

export interface CommandGround {
  /** New and empty. */
  readonly directory: string;
  /** A file with the lines that a client of the network needs. */
  readonly torrc: string;
  readonly program: TorProgram;
  /** Where the content is served by plain HTTP. */
  readonly onion: OnionAddress;
  readonly signal: AbortSignal;
}

export interface CommandDone extends Omit<Run, 'load'> {
  /** Of a sender that was started for it, until it could be reached. */
  readonly onlineSeconds?: number;
}

/** What a user types to get the content. */
export interface Command {
  readonly name: string;
  run(ground: CommandGround, content: PreparedContent): Promise<CommandDone>;
}

/** `send` here, and `receive --yes` there. @param main its main file, if it is another build's */
export function onionferry(name: string, main?: string): Command {
  return {
    name,
    async run({ directory, torrc, program }, content): Promise<CommandDone> {
      const out = join(directory, 'out');
      const args = (side: string): string[] => [
        ...['--data-dir', join(directory, side), '--tor', program.path, '--torrc', torrc],
      ];
      const env = { HOME: directory };
      let started = performance.now();
      await using sender = new Program(['send', content.path, ...args('sender')], env, main);
      const { invitation } = await sender.told('online');
      const onlineSeconds = secondsSince(started);
      started = performance.now();
      const receive = ['receive', '--yes', '--out', out, ...args('recipient')];
      const from = { ...env, ONIONFERRY_PASSWORD: invitation };
      await using recipient = new Program(receive, from, main);
      await recipient.succeeds();
      const seconds = secondsSince(started);
      const done = await recipient.told('done');
      await sender.succeeds();
      await assertSame(join(out, basename(content.path)), content);
      return {
        seconds,
        firstByteSeconds: seconds - done.seconds,
        contentSeconds: done.seconds,
        circuits: done.circuits,
        sender: usageOf(sender),
        recipient: usageOf(recipient),
        onlineSeconds,
      };
    },
  };
}

/** tor, and curl as soon as it is bootstrapped. */
export const curl: Command = {
  name: 'curl',
  async run(ground, content): Promise<CommandDone> {
    const { directory, onion } = ground;
    const socks = join(directory, 'socks');
    const file = join(directory, 'received');
    const started = performance.now();
    await using tor = await startedTor(ground, `SocksPort ${quote(`unix:${socks}`)}\n`);
    await tor.bootstrapped;
    const torSeconds = secondsSince(started);
    const proxy = `socks5h://localhost${socks}`;
    const child = spawn(
      'curl',
      [
        ...['--silent', '--show-error', '--fail', '--proxy', proxy, '--output', file],
        ...['--write-out', '%{time_starttransfer}', `http://${onion}/`],
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const said: Buffer[] = [];
    child.stdout.on('data', (some: Buffer) => said.push(some));
    const recipient = await watchedToEnd(child);
    const seconds = secondsSince(started);
    await assertSame(file, content);
    const firstByteSeconds = torSeconds + Number(Buffer.concat(said).toString());
    return { seconds, firstByteSeconds, sender: NO_USAGE, recipient };
  },
};

/** tor, and torget as soon as it is bootstrapped. */
export const torget: Command = {
  name: 'torget',
  async run(ground, content): Promise<CommandDone> {
    const { directory, onion } = ground;
    const started = performance.now();
    await using tor = await startedTor(ground, torgetTorrc());
    await tor.bootstrapped;
    const { usage } = await fetchByTorget(onion, content.bytes, directory);
    const seconds = secondsSince(started);
    return { seconds, sender: NO_USAGE, recipient: usage };
  },
};

/** Of a server that serves all runs, which is not what is compared. */
const NO_USAGE: Usage = { cpuSeconds: Number.NaN, peakRssBytes: 0, rssBytes: [] };

interface StartedTor extends AsyncDisposable {
  readonly bootstrapped: Promise<void>;
}

async function startedTor(
  { directory, torrc, program, signal }: CommandGround,
  lines: string,
): Promise<StartedTor> {
  const data = join(directory, 'tor');
  await mkdir(data, { mode: 0o700 });
  const own = join(directory, 'torrc-own');
  await writeFile(
    own,
    `DataDirectory ${quote(data)}\n%include ${quote(torrc)}\n${lines}Log notice stdout\n`,
  );
  const child = spawn(program.path, ['-f', own, '--defaults-torrc', '/dev/null'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    signal,
  });
  const exit = once(child, 'exit');
  const said: string[] = [];
  const bootstrapped = new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      said.push(line);
      if (line.includes('Bootstrapped 100%')) resolve();
    });
    exit.then(() => reject(new Error(`tor ended\n${said.join('\n')}`)), reject);
  });
  return {
    bootstrapped,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exit;
    },
  };
}

function usageOf({ cpuSeconds, peakRssBytes }: Program): Usage {
  return { cpuSeconds, peakRssBytes, rssBytes: [] };
}

function secondsSince(started: number): number {
  return (performance.now() - started) / 1000;
}
