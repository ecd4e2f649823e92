import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '@redis/client';

/** Debian's redis-server on a unix socket, which keeps nothing on the disk. */
export class RedisServer {
  readonly path: string;
  readonly #options: readonly string[];
  #process: ChildProcess | undefined;

  /** @param path of its socket, in a directory of its own */
  constructor(path: string, options: readonly string[] = []) {
    this.path = path;
    this.#options = options;
  }

  get pid(): number {
    const pid = this.#process?.pid;
    if (pid === undefined) throw new Error('redis-server was not started');
    return pid;
  }

  /** Also again, with nothing of what it knew. */
  async start(): Promise<void> {
    const paths = ['--unixsocket', this.path, '--port', '0'];
    const forgetful = ['--save', '', '--appendonly', 'no'];
    const command = ['redis-server', ...paths, ...forgetful, ...this.#options];
    // The kernel kills it when this process dies, however that happens.
    const started = spawn('setpriv', ['--pdeathsig', 'KILL', '--', ...command], {
      stdio: 'ignore',
      cwd: dirname(this.path),
    });
    this.#process = started;
    await once(started, 'spawn');
    while (!(await answersAt(this.path))) {
      if (started.exitCode !== null) throw new Error('redis-server has ended');
      await sleep(20);
    }
  }

  /** Asks it something, as nobody of ours does. */
  async ask(...command: string[]): Promise<unknown> {
    const client = createClient({ RESP: 2, socket: { path: this.path, tls: false } });
    await client.connect();
    try {
      return await client.sendCommand(command);
    } finally {
      client.destroy();
    }
  }

  /** Takes connections, and answers nothing until it is resumed. */
  suspend(): void {
    this.#process?.kill('SIGSTOP');
  }

  resume(): void {
    this.#process?.kill('SIGCONT');
  }

  async kill(): Promise<void> {
    const running = this.#process;
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
    running.kill('SIGKILL');
    await once(running, 'exit');
  }
}

async function answersAt(path: string): Promise<boolean> {
  const socket = connect(path);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
