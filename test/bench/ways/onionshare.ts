import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseOnionAddress } from '../../../src/onion/address.js';
import type { PreparedContent } from '../content.js';
import { cpuSecondsOf, peakRssOf } from '../processes/usage-of.js';
import type { Carried, Carrier } from '../turns.js';
import { type Ground, reach } from './ground.js';
import { download } from './http.js';
import { isOnPath } from './on-path.js';

const PROGRAM = 'onionshare-cli';

export interface OnionShareService extends AsyncDisposable {
  carrier(name: string): Carrier;
}

export function hasOnionShare(): boolean {
  return isOnPath(PROGRAM);
}

/** OnionShare's command line on the sender's tor; what it shares is fetched as any browser would. */
export async function serveOnionShare(
  ground: Ground,
  { path, bytes }: PreparedContent,
): Promise<OnionShareService> {
  const home = join(ground.directory, 'onionshare');
  await mkdir(home, { recursive: true });
  const config = join(home, 'settings.json');
  const settings = {
    connection_type: 'socket_file',
    socket_file_path: ground.tors.service.running.control,
    auth_type: 'no_auth',
  };
  await writeFile(config, JSON.stringify(settings));
  const args = ['--config', config, '--public', '--no-autostop-sharing', path];
  const child = spawn(PROGRAM, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...environment(ground), HOME: home, XDG_CONFIG_HOME: home, PYTHONUNBUFFERED: '1' },
  });
  const exit = once(child, 'exit');
  const close = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exit;
  };
  try {
    const onion = await addressFrom(createInterface({ input: child.stdout }));
    // Its descriptor is not yet at all directories when it tells the address.
    await reach(ground, parseOnionAddress(onion));
    const pid = child.pid ?? 0;
    return {
      carrier: (name) => ({
        name,
        async carry(into): Promise<Carried> {
          const cpuBefore = cpuSecondsOf(pid);
          const from = { onion: parseOnionAddress(onion), path: '/download', bytes, circuits: 1 };
          const recipient = await download(ground, from, into);
          const cpuSeconds = cpuSecondsOf(pid) - cpuBefore;
          const usage = { cpuSeconds, peakRssBytes: peakRssOf(pid) ?? 0, rssBytes: [] };
          return { sender: { usage }, recipient };
        },
      }),
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** It starts only where there is a tor, although it uses one that runs. */
function environment({ tors: { program } }: Ground): NodeJS.ProcessEnv {
  const path = [process.env['PATH'], dirname(program.path)].join(delimiter);
  return { ...process.env, PATH: path };
}

async function addressFrom(lines: AsyncIterable<string>): Promise<string> {
  const seen: string[] = [];
  for await (const line of lines) {
    const onion = /\b([a-z2-7]{56}\.onion)\b/.exec(line)?.[1];
    if (onion !== undefined) return onion;
    seen.push(line);
  }
  throw new Error(`${PROGRAM} told no address:\n${seen.join('\n')}`);
}
