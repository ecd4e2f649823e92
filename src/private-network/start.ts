import { rmSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { OnionferryError } from '../base/errors.js';

import { type BringUpOptions, bringUp } from './bring-up.js';
import { makeAuthorityKeys, makeRelayKeys } from './keys.js';
import type { NodeProcess } from './node-process.js';
import { clientTorrc, type NodePlan } from './node-torrc.js';
import { freePorts } from './ports.js';

/**
 * `directory` is made if it is not there, else has to be empty; `close()` removes it. With
 * `command`, the ports from 9001 up have to be free where the nodes run.
 */
export interface PrivateNetworkOptions extends BringUpOptions {
  /** Where the nodes listen; 127.0.0.1 unless told. */
  readonly address?: string;
  /** Relays besides the three directory authorities, which are relays too; five unless told. */
  readonly relays?: number;
  /**
   * Gets every link of the network before a node starts, and carries each connection to the address
   * that is told to where the relay listens, until it is disposed of. None are made unless told.
   */
  readonly carryLinks?: (links: readonly Link[]) => Promise<AsyncDisposable>;
}

/** The way into a relay, for clients and for other relays. */
export interface Link {
  readonly address: string;
  /** The port that others connect to; whoever carries the link listens there. */
  readonly from: number;
  /** The port that the relay listens on. */
  readonly to: number;
}

/** A Tor network of one's own, with nothing from outside. */
export interface PrivateNetwork extends AsyncDisposable {
  /** Lines for the torrc of a client that is to use it. */
  readonly torrc: string;
  close(): Promise<void>;
}

const AUTHORITIES = 3;
const RELAYS = 5;
const FIRST_PORT_ELSEWHERE = 9001;

/**
 * Starts a private Tor network that a client can use at once.
 *
 * Its nodes end with this process however that ends: at once when it exits, within 15 seconds
 * when it is killed.
 *
 * @throws OnionferryError ERR_TOR_START with the last warning of the node to blame; the signal's
 *   reason. Nothing is left then.
 */
export async function startPrivateNetwork(options: PrivateNetworkOptions): Promise<PrivateNetwork> {
  const { directory, signal } = options;
  signal?.throwIfAborted();
  await mkdir(directory, { recursive: true, mode: 0o700 });
  if ((await readdir(directory)).length > 0) {
    throw new OnionferryError('ERR_TOR_START', `${directory} has to be empty for a Tor network`);
  }
  const nodes: NodeProcess[] = [];
  const onExit = (): void => {
    for (const node of nodes) node.kill();
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
    await bringUp(plans, nodes, options);
    return { torrc: clientTorrc(plans), close, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function end(nodes: readonly NodeProcess[], directory: string): Promise<void> {
  await Promise.all(nodes.map((node) => node.close()));
  await rm(directory, { recursive: true, force: true, maxRetries: 3 });
}

async function planNodes(options: PrivateNetworkOptions): Promise<NodePlan[]> {
  const { address = '127.0.0.1', relays = RELAYS, directory, command } = options;
  const count =
    2 * AUTHORITIES + relays + (options.carryLinks === undefined ? 0 : AUTHORITIES + relays);
  const ports =
    command === undefined
      ? await freePorts(address, count)
      : Array.from({ length: count }, (_, index) => FIRST_PORT_ELSEWHERE + index);
  const node = async (nickname: string): Promise<NodePlan> => {
    const place = { nickname, address, directory: join(directory, nickname) };
    const orPort = takePort(ports);
    if (options.carryLinks === undefined) return { ...place, orPort, keys: await makeRelayKeys() };
    return { ...place, orPort, listenPort: takePort(ports), keys: await makeRelayKeys() };
  };
  const dirPorts = ports.splice(0, AUTHORITIES);
  const authority = async (dirPort: number, index: number): Promise<NodePlan> => {
    const keys = await makeAuthorityKeys({ host: address, port: dirPort }, new Date());
    return { ...(await node(`a${index}`)), authority: { dirPort, keys } };
  };
  const others = Array.from({ length: relays }, (_, index) => node(`r${index}`));
  return await Promise.all([...dirPorts.map(authority), ...others]);
}

function takePort(ports: number[]): number {
  const port = ports.pop();
  if (port === undefined) throw new RangeError('fewer ports than nodes');
  return port;
}

function linkTo({ address, orPort, listenPort }: NodePlan): Link[] {
  return listenPort === undefined ? [] : [{ address, from: orPort, to: listenPort }];
}
