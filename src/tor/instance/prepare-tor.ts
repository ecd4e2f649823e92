import type { Cleanup } from '../../base/cleanup.js';
import { OnionferryError } from '../../base/errors.js';
import { silentLogger } from '../../base/logger.js';
import { authenticate } from '../control/authenticate.js';
import { ControlConnection } from '../control/connection.js';
import { parseTorEndpoint, type TorEndpoint } from '../control/endpoint.js';
import { untilBootstrapped } from './bootstrap.js';
import { launchTor, takeWorkspace } from './launch-tor.js';
import { RunningTor, type TorBase } from './running-tor.js';
import type { StartTorOptions } from './tor.js';

/** A transport looks for a way first: a snowflake finds a volunteer, some of whom are gone again. */
const DISGUISED_STALL_MS = 180_000;
const DISGUISED_PROBLEM_STALL_MS = 60_000;

/** What may differ from start to start. */
type Attempt = Pick<StartTorOptions, 'onBootstrap' | 'onDialable' | 'signal' | 'bootstrapStallMs'>;

/**
 * Starts a tor, or attaches to a running one, and waits until it is connected to its network.
 * `cleanup` gets what ends it, also when the start fails.
 *
 * @throws OnionferryError ERR_TOR_START, ERR_TOR_DIED, ERR_TOR_CONTROL, ERR_TOR_BOOTSTRAP with
 *   tor's own last warning; the signal's reason
 */
export type TorStarter = (cleanup: Cleanup, attempt: Attempt) => Promise<RunningTor>;

/**
 * Takes what every start needs. A tor of our own gets a data directory to itself, the first free
 * one in `dataDir`, which stays so that its guards stay the same. `cleanup` gets what releases it.
 *
 * @throws OnionferryError ERR_TOR_MISSING, ERR_TOR_TOO_OLD or ERR_TOR_INSTALL without a program
 */
export async function prepareTor(options: StartTorOptions, cleanup: Cleanup): Promise<TorStarter> {
  const { external, torrc, logger = silentLogger } = options;
  let isDisguised = false;
  let start: (signal: AbortSignal | undefined, opened: Cleanup) => Promise<TorBase>;
  if (external === undefined) {
    const workspace = await takeWorkspace(options, cleanup);
    ({ isDisguised } = workspace.reach);
    start = (signal, opened) => launchTor(workspace, { torrc, signal, logger }, opened);
  } else {
    start = (signal, opened) => attachTor(external, signal, opened);
  }
  return async (opened, { signal, onBootstrap, onDialable, bootstrapStallMs: stallMs }) => {
    const base = await start(signal, opened);
    const { connection, lastWarning, noRoom } = base;
    const tor = new RunningTor(base, logger, opened);
    const common = {
      ...{ onBootstrap, lastWarning, logger },
      stallMs: stallMs ?? (isDisguised ? DISGUISED_STALL_MS : undefined),
      problemStallMs: isDisguised ? DISGUISED_PROBLEM_STALL_MS : undefined,
      onDialable: () => onDialable?.(base.socks),
    };
    await tor.whileAlive((alive) => {
      const goesOn = noRoom === undefined ? alive : AbortSignal.any([alive, noRoom]);
      return untilBootstrapped(connection, { ...common, signal: goesOn });
    }, signal);
    return tor;
  };
}

/** Attaches to a tor that somebody else started, and leaves it running. */
async function attachTor(
  external: { readonly control: string; readonly socks: string },
  signal: AbortSignal | undefined,
  cleanup: Cleanup,
): Promise<TorBase> {
  const endpoint = parseTorEndpoint(external.control);
  const socks = parseTorEndpoint(external.socks);
  const connection = await ControlConnection.connect(endpoint, signal);
  cleanup.add(() => connection.close());
  await authenticate(connection, { signal });
  const version = await connection.getInfo('version', { signal });
  const uid = Number(await connection.getInfo('process/uid', { signal }));
  return {
    connection,
    socks,
    version: version.split(' ')[0] ?? version,
    cannotPublish: whyNotPublish(endpoint, uid),
    isOurs: false,
    lastWarning: () => undefined,
    ended: connection.closed.then(
      (cause) =>
        new OnionferryError('ERR_TOR_DIED', 'the running tor has closed its control connection', {
          cause,
        }),
    ),
  };
}

/**
 * tor ends when it cannot read a service's key from a directory of its own user: check beforehand.
 */
function whyNotPublish(control: TorEndpoint, uid: number): OnionferryError | undefined {
  const isHere = control.kind === 'unix' || /^(localhost|127\..*|::1)$/.test(control.host);
  const ourUid = process.getuid?.();
  if (!isHere || (ourUid !== undefined && uid !== ourUid)) {
    return new OnionferryError(
      'ERR_TOR_PUBLISH',
      isHere
        ? `the running tor belongs to user ${String(uid)} and cannot be given an onion service by user ${String(ourUid)}: run onionferry as that user, or let it start a tor of its own`
        : 'a tor on another machine cannot be given an onion service: let onionferry start a tor of its own',
    );
  }
  return undefined;
}
