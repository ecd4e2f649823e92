import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OnionferryError } from '../../src/base/errors.js';
import type { OnionAddress } from '../../src/onion/address.js';
import { createIdentity } from '../../src/onion/identity.js';
import { HttpRelayClient } from '../../src/relay/client/http-relay-client.js';
import { FleetAgent } from '../support/fleet-agent.js';
import { RedisServer } from '../support/redis-server.js';

const PASSWORD = 'everybody-who-sends-here-knows-this';
/** Of Linux' clock in /proc: USER_HZ. */
const TICKS_PER_SECOND = 100;

export interface LoadedBackend {
  readonly onion: OnionAddress;
  readonly process: ChildProcess;
  readonly directory: string;
}

/** Relays in processes of their own, on unix sockets where a relay has tor. */
export class LoadedFleet implements AsyncDisposable {
  readonly front: OnionAddress = createIdentity().address;
  readonly backends: LoadedBackend[] = [];
  readonly store: RedisServer | undefined;
  readonly #directory: string;
  readonly #agent: FleetAgent;
  readonly #clients = new Set<HttpRelayClient>();

  private constructor(directory: string, store: RedisServer | undefined) {
    this.#directory = directory;
    this.store = store;
    this.#agent = new FleetAgent((host) => join(this.#backendAt(host).directory, 'http'));
  }

  /** @param count 0: one relay alone, without a store */
  static async start(count: number): Promise<LoadedFleet> {
    const directory = await mkdtemp(join(tmpdir(), 'onionferry-load-'));
    const store = count === 0 ? undefined : new RedisServer(join(directory, 'store'));
    const fleet = new LoadedFleet(directory, store);
    process.once('exit', () => rmSync(directory, { recursive: true, force: true, maxRetries: 3 }));
    try {
      await store?.start();
      await Promise.all(Array.from({ length: Math.max(1, count) }, () => fleet.add()));
      return fleet;
    } catch (error) {
      await fleet[Symbol.asyncDispose]();
      throw error;
    }
  }

  async add(): Promise<LoadedBackend> {
    const onion = createIdentity().address;
    const directory = join(this.#directory, onion.slice(0, 8));
    await mkdir(directory);
    const shared = this.store === undefined ? ['', ''] : [this.store.path, this.front];
    const main = join(import.meta.dirname, 'backend-main.ts');
    const node = [process.execPath, '--import', 'tsx', main];
    const child = spawn(
      'setpriv',
      ['--pdeathsig', 'KILL', '--', ...node, directory, PASSWORD, onion, ...shared],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    );
    const backend = { onion, process: child, directory };
    this.backends.push(backend);
    await once(child.stdout, 'data');
    return backend;
  }

  async kill(backend: LoadedBackend): Promise<void> {
    this.backends.splice(this.backends.indexOf(backend), 1);
    backend.process.kill('SIGKILL');
    await once(backend.process, 'exit');
  }

  /** One participant, that knows the relay's address alone. */
  client(): HttpRelayClient {
    const host = this.store === undefined ? this.backends[0]?.onion : this.front;
    if (host === undefined) throw new Error('no relay was started');
    const client = new HttpRelayClient({
      host,
      agent: this.#agent,
      dial: async ({ home = host, first }) => {
        const socket = connect(join(this.#backendAt(home).directory, 'stream'));
        if (first !== undefined) socket.write(first);
        return await connected(socket);
      },
      credentials: { user: 'ferry', password: PASSWORD },
    });
    this.#clients.add(client);
    return client;
  }

  /** CPU seconds so far, and resident bytes, of each process. */
  async used(): Promise<{ backends: Used[]; store: Used }> {
    return {
      backends: await Promise.all(this.backends.map(({ process: { pid } }) => usedBy(pid ?? 0))),
      store: this.store === undefined ? { seconds: 0, bytes: 0 } : await usedBy(this.store.pid),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) await client.close();
    this.#agent.destroy();
    for (const { process: child } of this.backends) {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    }
    await this.store?.kill();
    await rm(this.#directory, { recursive: true, force: true, maxRetries: 3 });
  }

  #backendAt(host: string): LoadedBackend {
    const { backends, front } = this;
    const backend =
      host === front
        ? backends[Math.floor(Math.random() * backends.length)]
        : backends.find(({ onion }) => onion === host);
    if (backend !== undefined) return backend;
    throw new OnionferryError('ERR_ONION_UNREACHABLE', `nobody is at ${host}`);
  }
}

export interface Used {
  readonly seconds: number;
  readonly bytes: number;
}

/** proc(5): /proc/PID/stat, fields 14 and 15; VmRSS. */
async function usedBy(pid: number): Promise<Used> {
  const stat = await readFile(`/proc/${String(pid)}/stat`, 'utf8');
  const [user = '', system = ''] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13);
  const status = await readFile(`/proc/${String(pid)}/status`, 'utf8');
  const kilobytes = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]);
  return {
    seconds: (Number(user) + Number(system)) / TICKS_PER_SECOND,
    bytes: kilobytes * 1024,
  };
}

function connected(socket: Socket): Promise<Socket> {
  return new Promise((resolve, reject) => {
    socket.once('connect', () => resolve(socket)).once('error', reject);
  });
}
