import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cleanup } from '../../base/cleanup.js';
import { deadline, sleep, within } from '../../base/deadline.js';
import { OnionferryError } from '../../base/errors.js';
import type { Logger } from '../../base/logger.js';
import { createRunDirectory } from '../../disk/run-directory.js';
import { authenticate } from '../control/authenticate.js';
import { ControlConnection } from '../control/connection.js';
import { parseTorEndpoint, type TorEndpoint } from '../control/endpoint.js';
import { unquote } from '../control/quoting.js';
import { type DataDirectory, takeDataDirectory } from '../process/data-directory.js';
import { spawnTor, type TorProcess } from '../process/tor-process.js';
import { type Listener, torrcOf } from '../process/torrc.js';
import { findOrInstallTor } from '../program/install-tor.js';
import { type TorProgram, torEnvironment } from '../program/tor-program.js';
import { linesOfReach, NO_REACH, type ReachLines } from '../reach/reach.js';
import type { TorBase } from './running-tor.js';
import type { StartTorOptions } from './tor.js';

/** tor opens its control port within a second; a machine under load may take longer. */
const CONTROL_DEADLINE_MS = 30_000;
const POLL_MS = 20;
/** In every torrc that we write. */
const AS_IT_IS = ['DormantCanceledByStartup', '1'] as const;
/** When the control connection ends first, how long to wait for tor's exit, which says more. */
const EXIT_FOLLOWS_MS = 500;

/**
 * What a tor of our own runs from. It outlives one process: the next has the same guards and ports.
 */
export interface Workspace {
  readonly program: TorProgram;
  /** Locked all the time, also while no tor runs. */
  readonly data: DataDirectory;
  readonly ports: Ports;
  readonly reach: ReachLines;
}

interface Ports {
  readonly control: Listener;
  readonly socks: Listener;
  readonly cookieFile: string;
  readonly controlPortFile?: string;
}

/** Finds or installs tor, and takes the directories for it. */
export async function takeWorkspace(
  options: StartTorOptions,
  cleanup: Cleanup,
): Promise<Workspace> {
  const { dataDir, signal, onInstall } = options;
  const program = options.found ?? (await findOrInstallTor({ ...options, onProgress: onInstall }));
  const data = await takeDataDirectory(dataDir);
  cleanup.add(data.release);
  const run = await createRunDirectory();
  cleanup.add(run.remove);
  signal?.throwIfAborted();
  const reach = await linesOfReach(options.reach ?? NO_REACH, program.path, run.path);
  return { program, data, ports: portsIn(run.path), reach };
}

/** Unix sockets, which no other user can reach; tor has none on Windows. */
function portsIn(directory: string): Ports {
  const cookieFile = join(directory, 'cookie');
  if (process.platform === 'win32') {
    const controlPortFile = join(directory, 'control-port');
    return { control: { kind: 'auto' }, socks: { kind: 'auto' }, cookieFile, controlPortFile };
  }
  return {
    control: { kind: 'unix', path: join(directory, 'control') },
    socks: { kind: 'unix', path: join(directory, 'socks') },
    cookieFile,
  };
}

/** Removes what a killed tor has left behind: it must not be taken for the next one's. */
async function clear({ control, socks, cookieFile, controlPortFile }: Ports): Promise<void> {
  const sockets = [control, socks].map((port) => (port.kind === 'unix' ? port.path : undefined));
  for (const path of [...sockets, cookieFile, controlPortFile]) {
    if (path !== undefined) await rm(path, { force: true });
  }
}

/** Starts a tor of our own and connects to its control port. */
export async function launchTor(
  { program, data, ports, reach }: Workspace,
  { torrc, signal, logger }: Pick<StartTorOptions, 'torrc' | 'signal'> & { logger: Logger },
  cleanup: Cleanup,
): Promise<TorBase> {
  await clear(ports);
  signal?.throwIfAborted();
  // The machine's defaults are meant for the system's tor.
  const defaults = process.platform === 'win32' ? [] : ['--defaults-torrc', '/dev/null'];
  const tor = spawnTor({
    argv: [program.path, '-f', '-', ...defaults],
    env: torEnvironment(program),
    lockFd: data.lockFd,
    secrets: reach.secrets,
    logger,
    torrc: torrcOf({
      ...ports,
      dataDirectory: data.path,
      ownerPid: process.pid,
      // As in torrcOf: the empty line ends a line that a backslash continues.
      extra: [torrc ?? '', '', ...reach.lines].join('\n'),
    }),
  });
  const died = tor.exited.then(() => deathOf(tor, 'ERR_TOR_DIED'));
  let connection: ControlConnection | undefined;
  cleanup.add(async () => {
    await tor.end(() => connection?.signal('SHUTDOWN') ?? Promise.resolve());
    connection?.close();
  });
  const begin = new AbortController();
  void tor.exited.then(() => begin.abort(deathOf(tor, 'ERR_TOR_START')));
  const begins = signal === undefined ? begin.signal : AbortSignal.any([begin.signal, signal]);
  try {
    connection = await reachControl(ports, begins);
    await authenticate(connection, { cookieFile: ports.cookieFile, signal: begins });
    // Besides __OwningControllerProcess, which tor checks only every 15 seconds.
    await connection.send('TAKEOWNERSHIP', { signal: begins });
    // tor (0.4.9.11) puts its first work off for a second, unless its configuration is set meanwhile:
    // to what it is.
    await connection.setConf([AS_IT_IS], { signal: begins });
    const socks = await socksEndpoint(connection, ports.socks, begins);
    return {
      connection,
      socks,
      version: program.version,
      isOurs: true,
      lastWarning: tor.lastWarning,
      noRoom: tor.noRoom,
      ended: Promise.race([died, connection.closed.then((error) => exitOr(error, tor, died))]),
    };
  } catch (error) {
    // A command fails at once when tor ends; why it ended is known a moment later.
    if (connection?.isClosed === true) await within(tor.exited, EXIT_FOLLOWS_MS);
    begins.throwIfAborted();
    throw error;
  }
}

/** Connects as soon as tor listens. @throws the signal's reason if tor ends instead */
async function reachControl(ports: Ports, signal: AbortSignal): Promise<ControlConnection> {
  let last: unknown;
  using limit = deadline(CONTROL_DEADLINE_MS, () => noControl(last), signal);
  for (;;) {
    try {
      return await ControlConnection.connect(await controlEndpoint(ports), limit.signal);
    } catch (error) {
      limit.signal.throwIfAborted();
      last = error;
      await sleep(POLL_MS, limit.signal);
    }
  }
}

async function controlEndpoint(ports: Ports): Promise<TorEndpoint> {
  if (ports.control.kind !== 'auto') return ports.control;
  const written = await readFile(ports.controlPortFile ?? '', 'utf8');
  return parseTorEndpoint(written.replace('PORT=', '').trim());
}

async function socksEndpoint(
  connection: ControlConnection,
  listener: Listener,
  signal: AbortSignal,
): Promise<TorEndpoint> {
  if (listener.kind !== 'auto') return listener;
  // The user's lines may open others; ours comes last.
  const listed = await connection.getInfo('net/listeners/socks', { signal });
  return parseTorEndpoint(unquote(listed.split(' ').at(-1) ?? ''));
}

function noControl(cause: unknown): OnionferryError {
  return new OnionferryError(
    'ERR_TOR_START',
    `tor did not open its control port within ${CONTROL_DEADLINE_MS / 1000} seconds: try again`,
    { cause },
  );
}

async function exitOr(
  closed: OnionferryError,
  tor: TorProcess,
  died: Promise<OnionferryError>,
): Promise<OnionferryError> {
  await within(tor.exited, EXIT_FOLLOWS_MS);
  const stays = new OnionferryError('ERR_TOR_DIED', closed.message, { cause: closed });
  return await Promise.race([died, Promise.resolve(stays)]);
}

function deathOf(tor: TorProcess, code: 'ERR_TOR_START' | 'ERR_TOR_DIED'): OnionferryError {
  const warning = tor.lastWarning();
  const said = warning === undefined ? '' : `: ${warning}`;
  return new OnionferryError(code, `tor ${tor.how() ?? 'has ended'}${said}`);
}
