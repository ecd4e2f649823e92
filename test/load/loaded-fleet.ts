import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OnionferryError } from '../../src/base/errors.js';
import type { OnionAddress } from '../../src/onion/address.js';
import { createIdentity } from '../../src/onion/identity.js';
import {
  HttpRelayClient,
  type HttpRelayClientOptions,
} from '../../src/relay/client/http-relay-client.js';
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
  readonly #streams = new Set<Socket>();

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

  /** @param onion of one that was killed, which is started again */
  async add(onion: OnionAddress = createIdentity().address): Promise<LoadedBackend> {
    const directory = join(this.#directory, onion.slice(0, 8));
    // A killed one leaves its sockets.
    await rm(directory, { recursive: true, force: true });
    await mkdir(directory);
    const shared = this.store === undefined ? ['', ''] : [this.store.path, this.front];
    const main = join(import.meta.dirname, 'backend-main.ts');
    const node = [process.execPath, '--import', 'tsx', main];
    const child = spawn(
      'setpriv',
      ['--pdeathsig', 'KILL', '--', ...node, directory, PASSWORD, onion, ...shared],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    );
    await once(child.stdout, 'data');
    const backend = { onion, process: child, directory };
    this.backends.push(backend);
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
    const forget = (one: HttpRelayClient): void => void this.#clients.delete(one);
    const client = new LoadClient(forget, {
      host,
      agent: this.#agent,
      dial: async ({ home = host, first }) => {
        const socket = connect(join(this.#backendAt(home).directory, 'stream'));
        this.#streams.add(socket.once('close', () => this.#streams.delete(socket)));
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

  /** Of the first backend: resident bytes, and open descriptors. */
  async held(): Promise<{ bytes: number; descriptors: number }> {
    const pid = this.backends[0]?.process.pid ?? 0;
    const [{ bytes }, open] = await Promise.all([usedBy(pid), readdir(`/proc/${String(pid)}/fd`)]);
    return { bytes, descriptors: open.length };
  }

  /** What a backend has refused since its start, by the reason. */
  async counts({ process: { stdin, stdout } }: LoadedBackend): Promise<unknown> {
    if (stdin === null || stdout === null) throw new Error('a backend has no pipes');
    stdin.write('counts\n');
    const [line] = (await once(stdout, 'data')) as [Buffer];
    return JSON.parse(line.toString());
  }

  /** As every backend sees it when its tor ends. */
  breakConnections(): void {
    this.#agent.destroy();
    for (const socket of this.#streams) socket.destroy();
  }

  /** Ends all clients: one that waits would connect again. */
  async hangUp(): Promise<void> {
    for (const client of this.#clients) await client.close();
    this.breakConnections();
  }

  /** Scripts that the store has run so far. */
  async storeSteps(): Promise<number> {
    const told = await this.store?.ask('INFO', 'commandstats');
    const text = typeof told === 'string' ? told : '';
    return Number(/cmdstat_evalsha:calls=(\d+)/.exec(text)?.[1] ?? 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.hangUp();
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

/** Many come and go in an hour. */
class LoadClient extends HttpRelayClient {
  readonly #forget: (client: HttpRelayClient) => void;

  constructor(forget: (client: HttpRelayClient) => void, options: HttpRelayClientOptions) {
    super(options);
    this.#forget = forget;
  }

  override close(): Promise<void> {
    this.#forget(this);
    return super.close();
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
