import type { Cleanup } from '../../base/cleanup.js';
import { OnionferryError } from '../../base/errors.js';
import { createRunDirectory } from '../../disk/run-directory.js';
import { authenticate } from '../control/authenticate.js';
import { ControlConnection } from '../control/connection.js';
import { parseTorEndpoint, type TorEndpoint } from '../control/endpoint.js';
import type { TorBase } from './running-tor.js';

/** Attaches to a tor that somebody else started, and leaves it running. */
export async function attachTor(
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
    serviceDirectory: await serviceDirectory(endpoint, uid, cleanup),
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
async function serviceDirectory(
  control: TorEndpoint,
  uid: number,
  cleanup: Cleanup,
): Promise<string | OnionferryError> {
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
  const run = await createRunDirectory();
  cleanup.add(run.remove);
  return run.path;
}
