import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deadline, sleep } from '../base/deadline.js';
import { OnionferryError } from '../base/errors.js';
import { silentLogger } from '../base/logger.js';
import { makeFolders } from '../disk/make-folders.js';
import { spawnTor, type TorProcess } from '../tor/process/tor-process.js';
import { torEnvironment } from '../tor/program/tor-program.js';
import { hasConsensus, hasDescriptors, type Knowledge } from './directory-cache.js';
import { timestamp } from './keys.js';
import { type NodePlan, nodeTorrc, type TorrcOptions, type VotingSchedule } from './node-torrc.js';
import type { PrivateNetworkOptions } from './options.js';

/**
 * Half an hour is the longest that tor takes (it has to divide 30 minutes). It makes an onion
 * service's time period twelve hours and a consensus good for 90 minutes.
 */
const INTERVAL_SECONDS = 1800;
/** The shortest that tor takes. */
const DELAY_SECONDS = 2;
/** From the reload to the consensus: both delays, and a second for the reload. */
const ROUND_MS = (2 * DELAY_SECONDS + 1) * 1000;
/** A consensus that is later than this fails to come about. */
const ROUND_PATIENCE_MS = ROUND_MS + 3_000;
/** A relay needs half a second to fetch from the authorities. */
const FETCH_PATIENCE_MS = 3_000;

const START_DEADLINE_MS = 120_000;
const POLL_MS = 100;

/** A running tor of the private network. */
export interface NodeProcess extends TorProcess {
  readonly nickname: string;
}

/** What may be done to a node of a network that is up. */
export interface Nodes {
  /** Lets it carry so many bytes a second. */
  limit(plan: NodePlan, rateBytes: number): Promise<void>;
  /** Kills it: whatever went through it breaks at once. */
  kill(plan: NodePlan): Promise<void>;
  /** Starts it again, as it was. */
  start(plan: NodePlan): void;
}

/**
 * Starts every node and returns when a client can bootstrap through any of them.
 *
 * @param started gets each node as soon as it runs; the caller ends them
 * @throws OnionferryError ERR_TOR_START with the last warning of the node that failed; the signal's
 *   reason
 */
export async function bringUp(
  plans: readonly NodePlan[],
  started: NodeProcess[],
  options: PrivateNetworkOptions,
): Promise<Nodes> {
  using limit = deadline(START_DEADLINE_MS, () => tooSlow(started), options.signal);
  const { signal } = limit;
  const authorities = plans.filter((plan) => plan.authority !== undefined);
  const relays = plans.filter((plan) => plan.authority === undefined);
  const names = plans.map(({ nickname }) => nickname);
  const every = (some: readonly NodePlan[], knows: Knowledge) => async (): Promise<boolean> =>
    (await Promise.all(some.map((plan) => knows(plan.directory, names)))).every(Boolean);
  const reload = (some: readonly NodePlan[]): void => {
    for (const plan of some)
      started.find(({ nickname }) => nickname === plan.nickname)?.signal('SIGHUP');
  };

  const bandwidths = join(options.directory, 'bandwidths');
  await writeFile(bandwidths, bandwidthFile(plans, new Date()));
  const guards =
    options.guards === 'authorities' ? authorities.map(({ keys }) => keys.fingerprint) : undefined;
  const common = { authorities, bandwidths, guards, ownerPid: process.pid };
  // So far ahead that no vote begins before every relay is known.
  let schedule = scheduleAt(Date.now() + INTERVAL_SECONDS * 500);
  for (const plan of plans) await writeNode(plan, { ...common, schedule });
  for (const { directory } of authorities) {
    await writeFile(join(directory, 'router-stability'), stabilityFile(plans, new Date()));
  }
  await writeFile(noDefaults(options), '');
  const start = (plan: NodePlan): void => void started.push(startNode(plan, options));
  for (const plan of plans) start(plan);
  await waitFor(every(authorities, hasDescriptors), started, signal);

  const vote = async (): Promise<void> => {
    schedule = scheduleAt(Date.now() + ROUND_MS);
    for (const plan of authorities) await writeTorrc(plan, { ...common, schedule });
    reload(authorities);
  };
  const agreed = every(authorities, hasConsensus);
  do await vote();
  while (!(await waitFor(agreed, started, signal, ROUND_PATIENCE_MS)));

  // Relays serve clients what they have fetched themselves. All of them asked before there was
  // anything and would ask again after up to 20 seconds; a reload makes them ask now.
  const fetched = every(relays, hasConsensus);
  do reload(relays);
  while (!(await waitFor(fetched, started, signal, FETCH_PATIENCE_MS)));

  return {
    async limit(plan, rateBytes): Promise<void> {
      await writeTorrc({ ...plan, rateBytes }, { ...common, schedule });
      reload([plan]);
    },
    async kill({ nickname }): Promise<void> {
      const at = started.findIndex((node) => node.nickname === nickname);
      const node = started[at];
      if (node === undefined) return;
      started.splice(at, 1);
      node.signal('SIGKILL');
      await node.end();
    },
    start,
  };
}

async function writeNode(plan: NodePlan, options: TorrcOptions): Promise<void> {
  const keys = join(plan.directory, 'keys');
  await makeFolders(keys, 0o700);
  const files = { ...plan.keys.files, ...plan.authority?.keys.files };
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(keys, name), text, { mode: 0o600 });
  }
  await writeTorrc(plan, options);
}

async function writeTorrc(plan: NodePlan, options: TorrcOptions): Promise<void> {
  await writeFile(join(plan.directory, 'torrc'), nodeTorrc(plan, options));
}

function startNode(plan: NodePlan, options: PrivateNetworkOptions): NodeProcess {
  const { command = (argv: readonly string[]) => argv, program } = options;
  const torrc = join(plan.directory, 'torrc');
  const argv = [program.path, '-f', torrc, '--defaults-torrc', noDefaults(options)];
  const env = torEnvironment(program);
  const tor = spawnTor({ argv: command(argv), env, logger: silentLogger });
  return { nickname: plan.nickname, ...tor };
}

/** An empty file: the machine's own defaults are not for these tors. */
function noDefaults({ directory }: PrivateNetworkOptions): string {
  return join(directory, 'torrc-defaults');
}

/** The schedule by which a consensus becomes valid at `time` (milliseconds since the epoch). */
function scheduleAt(time: number): VotingSchedule {
  return {
    intervalSeconds: INTERVAL_SECONDS,
    offsetSeconds: Math.ceil(time / 1000) % INTERVAL_SECONDS,
    delaySeconds: DELAY_SECONDS,
  };
}

/**
 * @returns whether `condition` came to hold within `patienceMs`
 * @throws OnionferryError ERR_TOR_START if a node ends meanwhile; the signal's reason
 */
async function waitFor(
  condition: () => Promise<boolean>,
  nodes: readonly NodeProcess[],
  signal: AbortSignal,
  patienceMs: number = Number.POSITIVE_INFINITY,
): Promise<boolean> {
  const end = performance.now() + patienceMs;
  while (!(await condition())) {
    const dead = nodes.find((node) => node.how() !== undefined);
    if (dead !== undefined) {
      await dead.exited; // with the last lines of its log
      throw new OnionferryError(
        'ERR_TOR_START',
        `The node ${dead.nickname} of the private Tor network ended: ${dead.lastWarning() ?? `it ${dead.how() ?? ''}`}`,
      );
    }
    if (performance.now() > end) return false;
    await sleep(POLL_MS, signal);
  }
  return true;
}

function tooSlow(nodes: readonly NodeProcess[]): OnionferryError {
  const warnings = nodes.map((node) => `${node.nickname}: ${node.lastWarning() ?? 'nothing'}`);
  return new OnionferryError(
    'ERR_TOR_START',
    `The private Tor network was not ready after ${START_DEADLINE_MS / 1000} seconds; its nodes warned last (${warnings.join('; ')})`,
  );
}

/*
 * What the authorities of a real network measure over weeks. A new one is given it, so that its
 * relays are from the first second what they are meant to be.
 */

/** More than the five days by which every authority calls a relay stable (dir-spec 3.4.2). */
const RUN_SECONDS = 30 * 24 * 60 * 60;

/**
 * A bandwidth file (bandwidth-file-spec, version 1.0.0), by which clients choose relays. Without it,
 * relays are chosen by what they have carried so far: for most nothing, for some a first kilobyte,
 * and every circuit would try to use those alone.
 */
function bandwidthFile(plans: readonly NodePlan[], now: Date): string {
  const lines = plans.map(
    ({ keys, nickname, weight }) => `node_id=$${keys.fingerprint} bw=${weight} nick=${nickname}`,
  );
  return `${Math.floor(now.getTime() / 1000)}\n${lines.join('\n')}\n`;
}

/**
 * An authority's `router-stability` (tor's rephist.c, format 2), in which every relay has run for
 * long. Without it, a relay is stable if it has been up for at least the median, in whole seconds:
 * if one of five starts a second late, a client has only the other four for its second hops and can
 * build no circuit.
 */
function stabilityFile(plans: readonly NodePlan[], now: Date): string {
  const since = new Date(now.getTime() - RUN_SECONDS * 1000);
  const relays = plans.map(
    ({ keys }) => `R ${keys.fingerprint}\n+MTBF ${RUN_SECONDS} 1.00000\n+WFU 0 0\n`,
  );
  return (
    `format 2\nstored-at ${timestamp(now)}\ntracked-since ${timestamp(since)}\n` +
    `data\n${relays.join('')}.\n`
  );
}
