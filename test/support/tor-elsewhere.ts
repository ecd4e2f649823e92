import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type TorProgram, torEnvironment } from '../../src/tor/program/tor-program.js';

export interface TorElsewhereOptions {
  readonly program: TorProgram;
  /** Of the host that it runs on */
  readonly prefix: readonly string[];
  /** For its data; made here, and removed by its owner */
  readonly directory: string;
  readonly torrc: string;
}

export interface TorElsewhere extends AsyncDisposable {
  /** A unix socket, which is reached from every network namespace. */
  readonly socks: string;
}

/** A tor on another host, which is not onionferry's own, once it is connected. */
export async function startTorElsewhere(options: TorElsewhereOptions): Promise<TorElsewhere> {
  const { program, prefix, directory, torrc } = options;
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const [file, socks] = [join(directory, 'torrc'), join(directory, 'socks')];
  const own = `DataDirectory ${join(directory, 'data')}\nSocksPort unix:${socks}\nLog notice stdout\n`;
  await writeFile(file, `${torrc}\n${own}`);
  const command = [...prefix, program.path, '-f', file, '--defaults-torrc', '/dev/null'];
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', ...command], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: torEnvironment(program),
  });
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (line.includes('Bootstrapped 100%')) break;
  }
  child.stdout.resume();
  const end = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  if (lines.at(-1)?.includes('Bootstrapped 100%') === true) {
    return { socks, [Symbol.asyncDispose]: end };
  }
  await end();
  throw new Error(`tor has ended:\n${lines.join('\n')}`);
}
