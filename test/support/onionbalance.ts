import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inject } from 'vitest';
import { deferred } from '../../src/base/deferred.js';
import type { OnionAddress } from '../../src/onion/address.js';
import { createIdentity, hiddenServiceSecretKey } from '../../src/onion/identity.js';
import { portsOf } from '../tor/support/running-tor.js';
import { startTor } from './start-tor.js';

/** Debian's Onionbalance before services of the run's private network, with a tor of its own. */
export class Onionbalance implements AsyncDisposable {
  readonly front: OnionAddress;
  readonly #directory: string;
  readonly #key: string;
  readonly #ends: (() => Promise<unknown>)[] = [];
  #told = '';

  private constructor(front: OnionAddress, directory: string, key: string) {
    this.front = front;
    this.#directory = directory;
    this.#key = key;
  }

  /** Makes the address; nothing runs yet. @param directory for its files */
  static async create(directory: string): Promise<Onionbalance> {
    const identity = createIdentity();
    const key = join(directory, 'front.key');
    await writeFile(key, hiddenServiceSecretKey(identity), { mode: 0o600 });
    return new Onionbalance(identity.address, directory, key);
  }

  /** What it and its tor have said. */
  get story(): string {
    return this.#told;
  }

  /** Puts the front before these; it is published when they can be found. */
  async start(backends: readonly string[]): Promise<void> {
    const tor = await startTor({
      found: inject('torProgram'),
      dataDir: join(this.#directory, 'balancing'),
      torrc: inject('torrc'),
    });
    this.#ends.push(() => tor.close());
    const config = join(this.#directory, 'onionbalance.yaml');
    const instances = backends.map((onion) => `  - address: ${onion}\n`).join('');
    await writeFile(config, `services:\n- instances:\n${instances}  key: ${this.#key}\n`);
    const script = join(import.meta.dirname, 'paced-onionbalance.py');
    const options = ['--is-testnet', '-c', config, '-s', portsOf(tor).control, '-v', 'info'];
    const balancing = spawn(
      'setpriv',
      ['--pdeathsig', 'KILL', '--', '/usr/bin/python3', script, ...options],
      { cwd: this.#directory, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    const published = deferred<undefined>();
    const both = new RegExp(`from ${String(backends.length)} instances[^]*Uploading`);
    for (const output of [balancing.stdout, balancing.stderr]) {
      output.setEncoding('utf8').on('data', (text: string) => {
        this.#told += text;
        if (both.test(this.#told)) published.resolve(undefined);
      });
    }
    const ended = once(balancing, 'close');
    this.#ends.push(() => {
      balancing.kill('SIGKILL');
      return ended;
    });
    ended.then(() => published.reject(new Error('Onionbalance has ended')), published.reject);
    await published.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const end of this.#ends.reverse()) await end();
  }
}
