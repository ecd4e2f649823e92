import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { OnionferryError } from '../base/errors.js';
import { makeFolders } from '../disk/make-folders.js';
import { bringUp, type NodeProcess } from './bring-up.js';
import { makeAuthorityKeys, makeRelayKeys } from './keys.js';
import { clientTorrc, type NodePlan } from './node-torrc.js';
import type { Link, PrivateNetworkOptions, RelayOptions } from './options.js';

/** A Tor network that connects to nothing outside itself. */
export interface PrivateNetwork extends AsyncDisposable {
  /** Lines for the torrc of a client of this network. */
  readonly torrc: string;
  /** The authorities, then the relays in their order. */
  readonly relays: readonly NetworkRelay[];
  close(): Promise<void>;
}

/** A relay of the network. */
export interface NetworkRelay {
  readonly nickname: string;
  /** Upper-case hexadecimal, as the control port names it. */
  readonly fingerprint: string;
  /** Lets it carry so many bytes a second from now on. */
  limit(rateBytes: number): Promise<void>;
  /** Kills it: whatever went through it breaks at once. */
  kill(): Promise<void>;
  /** Starts it again; the consensus still names it. */
  start(): void;
}

const AUTHORITIES = 3;
const RELAYS = 5;
const EQUAL_WEIGHT = 10_000;
const FIRST_PORT_ELSEWHERE = 9001;

/**
 * Starts a private Tor network that a client can use at once.
 *
 * Its nodes end with this process: at once when it exits, within 15 seconds when it is killed.
 *
 * @throws OnionferryError ERR_TOR_START with the last warning of the node that failed; the signal's
 *   reason. Nothing is left behind.
 */
export async function startPrivateNetwork(options: PrivateNetworkOptions): Promise<PrivateNetwork> {
  const { directory, signal } = options;
  signal?.throwIfAborted();
  await makeFolders(directory, 0o700);
  if ((await readdir(directory)).length > 0) {
    throw new OnionferryError(
      'ERR_TOR_START',
      `${directory} has to be empty for a private Tor network`,
    );
  }
  const nodes: NodeProcess[] = [];
  const onExit = (): void => {
    for (const node of nodes) node.signal('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  };
  process.once('exit', onExit);
  let closed: Promise<void> | undefined;
  let carrier: AsyncDisposable | undefined;
  const close = (): Promise<void> => {
    closed ??= end(nodes, directory)
      .finally(() => carrier?.[Symbol.asyncDispose]())
      .finally(() => process.removeListener('exit', onExit));
    return closed;
  };
  try {
    const plans = await planNodes(options);
    carrier = await options.carryLinks?.(plans.flatMap(linkTo));
    const up = await bringUp(plans, nodes, options);
    const relays = plans.map((plan) => ({
      nickname: plan.nickname,
      fingerprint: plan.keys.fingerprint,
      limit: (rateBytes: number) => up.limit(plan, rateBytes),
      kill: () => up.kill(plan),
      start: () => up.start(plan),
    }));
    return { torrc: clientTorrc(plans), relays, close, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function end(nodes: readonly NodeProcess[], directory: string): Promise<void> {
  await Promise.all(nodes.map((node) => node.end()));
  await rm(directory, { recursive: true, force: true, maxRetries: 3 });
}

async function planNodes(options: PrivateNetworkOptions): Promise<NodePlan[]> {
  const { address = '127.0.0.1', directory, command, carryLinks } = options;
  const relays = relaysOf(options);
  const nodes = AUTHORITIES + relays.length;
  const count = AUTHORITIES + nodes + (carryLinks === undefined ? 0 : nodes);
  const ports =
    command === undefined
      ? await freePorts(address, count)
      : Array.from({ length: count }, (_, index) => FIRST_PORT_ELSEWHERE + index);
  const node = async (
    at: number,
    nickname: string,
    relay: RelayOptions = {},
  ): Promise<NodePlan> => {
    const { rateBytes, weight = EQUAL_WEIGHT } = relay;
    const where = { nickname, address, directory: join(directory, nickname) };
    const common = { ...where, rateBytes, weight };
    const orPort = options.orPorts?.[at] ?? takePort(ports);
    if (carryLinks === undefined) return { ...common, orPort, keys: await makeRelayKeys() };
    return { ...common, orPort, listenPort: takePort(ports), keys: await makeRelayKeys() };
  };
  const dirPorts = ports.splice(0, AUTHORITIES);
  const authority = async (dirPort: number, index: number): Promise<NodePlan> => {
    const keys = await makeAuthorityKeys({ host: address, port: dirPort }, new Date());
    return { ...(await node(index, `a${index}`, options.authority)), authority: { dirPort, keys } };
  };
  const others = relays.map((relay, index) => node(AUTHORITIES + index, `r${index}`, relay));
  return await Promise.all([...dirPorts.map(authority), ...others]);
}

function relaysOf({ relays = RELAYS }: PrivateNetworkOptions): readonly RelayOptions[] {
  return typeof relays === 'number' ? Array.from({ length: relays }, () => ({})) : relays;
}

function takePort(ports: number[]): number {
  const port = ports.pop();
  if (port === undefined) throw new RangeError('fewer ports than nodes');
  return port;
}

function linkTo({ nickname, address, orPort, listenPort }: NodePlan): Link[] {
  return listenPort === undefined ? [] : [{ nickname, address, from: orPort, to: listenPort }];
}

/** Distinct TCP ports of `address` on which nobody listens. */
export async function freePorts(address: string, count: number): Promise<number[]> {
  const servers: Server[] = [];
  try {
    // All are held until the last is known, or the system could return one twice.
    for (let i = 0; i < count; i++) {
      const server = createServer().listen(0, address);
      servers.push(server);
      await once(server, 'listening');
    }
    return servers.map((server) => {
      const bound = server.address();
      if (bound === null || typeof bound === 'string') throw new TypeError('not a TCP port');
      return bound.port;
    });
  } finally {
    for (const server of servers) server.close();
  }
}
