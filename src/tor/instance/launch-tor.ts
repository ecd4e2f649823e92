import { readFile } from 'node:fs/promises';
import type { Cleanup } from '../../base/cleanup.js';
import { deadline, sleep } from '../../base/deadline.js';
import { OnionferryError } from '../../base/errors.js';
import type { Logger } from '../../base/logger.js';
import { within } from '../../base/within.js';
import { authenticate } from '../control/authenticate.js';
import { ControlConnection } from '../control/connection.js';
import { parseTorEndpoint, type TorEndpoint } from '../control/endpoint.js';
import { unquote } from '../control/quoting.js';
import { spawnTor, type TorProcess } from '../process/tor-process.js';
import { type Listener, torrcOf } from '../process/torrc.js';
import { clearOwnDirectories, type OwnDirectories, type OwnListeners } from './own-directories.js';
import type { TorBase } from './running-tor.js';
import type { StartTorOptions } from './tor.js';

/** tor opens its control port within a second; a machine under load may take longer. */
const CONTROL_DEADLINE_MS = 30_000;
const POLL_MS = 20;
/** When the control connection ends first, how long to wait for tor's exit, which says more. */
const EXIT_FOLLOWS_MS = 500;

/** Starts a tor of our own in its place, and takes its control port. */
export async function launchTor(
  place: OwnDirectories,
  { torrc, signal }: Pick<StartTorOptions, 'torrc' | 'signal'>,
  logger: Logger,
  cleanup: Cleanup,
): Promise<TorBase> {
  const { program, data, ports } = place;
  await clearOwnDirectories(place);
  signal?.throwIfAborted();
  const tor = spawnTor({
    program,
    lockFd: data.lockFd,
    logger,
    torrc: torrcOf({
      ...ports,
      dataDirectory: data.path,
      ownerPid: process.pid,
      ...(torrc === undefined ? {} : { extra: torrc }),
    }),
  });
  const died = tor.exited.then(() => deathOf(tor, 'ERR_TOR_DIED'));
  let connection: ControlConnection | undefined;
  cleanup.add(async () => {
    await tor.end(async () => {
      await connection?.signal('SHUTDOWN');
    });
    connection?.close();
  });
  const begin = new AbortController();
  void tor.exited.then(() => begin.abort(deathOf(tor, 'ERR_TOR_START')));
  const begins = signal === undefined ? begin.signal : AbortSignal.any([begin.signal, signal]);
  try {
    connection = await reachControl(ports, begins);
    await authenticate(connection, { cookieFile: ports.cookieFile, signal: begins });
    // Besides __OwningControllerProcess, which tor looks at only every 15 seconds.
    await connection.send('TAKEOWNERSHIP', { signal: begins });
    const socks = await socksEndpoint(connection, ports.socks, begins);
    return {
      connection,
      socks,
      version: program.version,
      serviceDirectory: place.directory,
      isOurs: true,
      lastWarning: tor.lastWarning,
      ended: Promise.race([died, connection.closed.then((error) => exitOr(error, tor, died))]),
    };
  } catch (error) {
    // A command fails at once when tor dies; why it died is known a moment later.
    if (connection?.isClosed === true) await within(tor.exited, EXIT_FOLLOWS_MS);
    begins.throwIfAborted();
    throw error;
  }
}

/** Connects as soon as tor listens. @throws what `signal` aborts with, if tor ends instead */
async function reachControl(ports: OwnListeners, signal: AbortSignal): Promise<ControlConnection> {
  using limit = deadline(CONTROL_DEADLINE_MS, noControl, signal);
  for (;;) {
    try {
      return await ControlConnection.connect(await controlEndpoint(ports), limit.signal);
    } catch {
      limit.signal.throwIfAborted();
      await sleep(POLL_MS, limit.signal);
    }
  }
}

async function controlEndpoint(ports: OwnListeners): Promise<TorEndpoint> {
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
  // The user's lines may open others; ours is the last.
  const listed = await connection.getInfo('net/listeners/socks', { signal });
  return parseTorEndpoint(unquote(listed.split(' ').at(-1) ?? ''));
}

function noControl(): OnionferryError {
  return new OnionferryError(
    'ERR_TOR_START',
    `tor did not open its control port within ${String(CONTROL_DEADLINE_MS / 1000)} seconds: try again`,
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
