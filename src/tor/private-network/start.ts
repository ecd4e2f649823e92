import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { deadline, sleep } from '../../base/deadline.js';
import { OnionferryError } from '../../base/errors.js';
import { type TorProgram, torEnvironment } from '../program/tor-program.js';
import { makeAuthorityKeys } from './authority-keys.js';
import { agreedRelays, describedRelays } from './directory-cache.js';
import { type NodeProcess, startNode } from './node-process.js';
import { clientTorrc, type NodePlan, nodeTorrc, type VotingSchedule } from './node-torrc.js';
import { freePorts } from './ports.js';

export interface PrivateNetworkOptions {
  readonly program: TorProgram;
  /** Made if it is not there, else empty; removed by `close()`. */
  readonly directory: string;
  /** Where the nodes listen. */
  readonly address?: string;
  readonly relays?: number;
  /**
   * Makes the command that starts a node somewhere else, for example by putting
   * `ip netns exec NAME` before it. There, the ports from 9001 up have to be free.
   */
  readonly command?: (argv: readonly string[]) => readonly string[];
  readonly signal?: AbortSignal;
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
 * Half an hour makes an onion service's time period twelve hours and a consensus good for 90
 * minutes. It is the longest that tor takes, because it has to divide 30 minutes.
 */
const INTERVAL_SECONDS = 1800;
/** The shortest that tor takes. */
const DELAY_SECONDS = 2;

const START_DEADLINE_MS = 120_000;
const POLL_MS = 100;

const unchanged: NonNullable<PrivateNetworkOptions['command']> = (argv) => argv;

/**
 * Starts three directory authorities and `relays` further relays, and returns when a consensus
 * names all of them, so that a client can bootstrap at once.
 *
 * All of them end when this process does, however it ends (killed, within 15 seconds).
 *
 * @throws OnionferryError ERR_TOR_START with the last warning of the node that is to blame; the
 *   signal's reason. Nothing is left then.
 */
export async function startPrivateNetwork(options: PrivateNetworkOptions): Promise<PrivateNetwork> {
  const { directory, signal } = options;
  signal?.throwIfAborted();
  await mkdir(directory, { recursive: true, mode: 0o700 });
  if ((await readdir(directory)).length > 0) {
    throw new OnionferryError(
      'ERR_TOR_START',
      `${directory} has to be empty for a private network`,
    );
  }
  const nodes: NodeProcess[] = [];
  const onExit = (): void => {
    for (const node of nodes) node.kill();
    rmSync(directory, { recursive: true, force: true });
  };
  process.once('exit', onExit);
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> =>
    (closing ??= (async () => {
      await Promise.all(nodes.map((node) => node.close()));
      process.removeListener('exit', onExit);
      await rm(directory, { recursive: true, force: true, maxRetries: 3 });
    })());
  try {
    const plans = await planNodes(options);
    await startNodes(plans, nodes, options);
    const torrc = clientTorrc(plans);
    return { torrc, close, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function planNodes(options: PrivateNetworkOptions): Promise<NodePlan[]> {
  const { address = '127.0.0.1', relays = RELAYS, directory } = options;
  const count = AUTHORITIES * 2 + relays;
  const ports =
    options.command === undefined
      ? await freePorts(address, count)
      : Array.from({ length: count }, (_, index) => FIRST_PORT_ELSEWHERE + index);
  const port = (): number => {
    const next = ports.pop();
    if (next === undefined) throw new RangeError('too few ports');
    return next;
  };
  const authority = async (index: number): Promise<NodePlan> => {
    const dirPort = port();
    const plan = { nickname: `a${index}`, address, orPort: port() };
    const keys = await makeAuthorityKeys({ host: address, port: dirPort }, new Date());
    return { ...plan, directory: join(directory, plan.nickname), authority: { dirPort, keys } };
  };
  const authorities = await Promise.all(
    Array.from({ length: AUTHORITIES }, (_, index) => authority(index)),
  );
  const others = Array.from({ length: relays }, (_, index): NodePlan => {
    const nickname = `r${index}`;
    return { nickname, address, orPort: port(), directory: join(directory, nickname) };
  });
  return [...authorities, ...others];
}

/** Starts all nodes into `nodes`, and makes the authorities vote as soon as they know every relay. */
async function startNodes(
  plans: readonly NodePlan[],
  nodes: NodeProcess[],
  options: PrivateNetworkOptions,
): Promise<void> {
  const { command = unchanged, directory, program } = options;
  using limit = deadline(START_DEADLINE_MS, () => late(nodes), options.signal);
  const authorities = plans.filter((plan) => plan.authority !== undefined);
  const everyAuthority = async (
    known: (directory: string) => Promise<Set<string>>,
  ): Promise<boolean> => {
    const sets = await Promise.all(authorities.map((plan) => known(plan.directory)));
    return sets.every((set) => plans.every((plan) => set.has(plan.nickname)));
  };
  const noDefaults = join(directory, 'defaults');
  await writeFile(noDefaults, '');
  const write = (plan: NodePlan, schedule: VotingSchedule): Promise<void> => {
    const torrc = nodeTorrc(plan, { authorities, schedule, ownerPid: process.pid });
    return writeFile(join(plan.directory, 'torrc'), torrc);
  };

  // Far enough away that no vote begins before every relay is known.
  const later = scheduleAt(Date.now() / 1000 + INTERVAL_SECONDS / 2);
  for (const plan of plans) {
    await mkdir(join(plan.directory, 'keys'), { recursive: true, mode: 0o700 });
    for (const [name, text] of Object.entries(plan.authority?.keys.files ?? {})) {
      await writeFile(join(plan.directory, 'keys', name), text, { mode: 0o600 });
    }
    await write(plan, later);
  }
  for (const plan of plans) {
    limit.signal.throwIfAborted();
    const torrc = join(plan.directory, 'torrc');
    const argv = [program.path, '-f', torrc, '--defaults-torrc', noDefaults];
    nodes.push(startNode(plan.nickname, command(argv), torEnvironment(program)));
  }
  await until(() => everyAuthority(describedRelays), nodes, limit.signal);

  const round = DELAY_SECONDS * 2 + 2;
  for (;;) {
    const first = scheduleAt(Math.ceil(Date.now() / 1000) + round);
    for (const plan of authorities) await write(plan, first);
    nodes.filter(({ nickname }) => nickname.startsWith('a')).forEach((node) => node.reload());
    const giveUp = Date.now() + (round + DELAY_SECONDS) * 1000;
    const agreed = (): Promise<boolean> => everyAuthority(agreedRelays);
    await until(async () => Date.now() > giveUp || (await agreed()), nodes, limit.signal);
    if (await agreed()) return;
  }
}

/** The schedule by which a consensus becomes valid at `seconds` since the epoch. */
function scheduleAt(seconds: number): VotingSchedule {
  return {
    intervalSeconds: INTERVAL_SECONDS,
    offsetSeconds: Math.floor(seconds) % INTERVAL_SECONDS,
    delaySeconds: DELAY_SECONDS,
  };
}

/** Waits for `condition`. @throws ERR_TOR_START if a node ends meanwhile; the signal's reason */
async function until(
  condition: () => Promise<boolean>,
  nodes: readonly NodeProcess[],
  signal: AbortSignal,
): Promise<void> {
  while (!(await condition())) {
    const dead = nodes.find((node) => node.hasEnded());
    if (dead !== undefined) {
      throw new OnionferryError(
        'ERR_TOR_START',
        `The tor ${dead.nickname} of the private network ended: ${dead.lastWarning() ?? 'it did not say why'}`,
      );
    }
    await sleep(POLL_MS, signal);
  }
}

function late(nodes: readonly NodeProcess[]): OnionferryError {
  const warned = nodes.find((node) => node.lastWarning() !== undefined);
  const why =
    warned === undefined
      ? 'no node warned of anything'
      : `${warned.nickname} warned last: ${warned.lastWarning() ?? ''}`;
  return new OnionferryError(
    'ERR_TOR_START',
    `The private network did not agree on its relays within ${START_DEADLINE_MS / 1000} seconds (${why})`,
  );
}
