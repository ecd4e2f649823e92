import type { Cleanup } from '../../base/cleanup.js';
import { OnionferryError } from '../../base/errors.js';
import type { Logger } from '../../base/logger.js';
import { authenticate } from '../control/authenticate.js';
import { ControlConnection } from '../control/connection.js';
import { formatTorEndpoint, parseTorEndpoint, type TorEndpoint } from '../control/endpoint.js';
import { isRefusal, unquote } from '../control/quoting.js';
import type { TorBase } from './running-tor.js';
import type { ExternalTor } from './tor.js';

const AUTO = 'auto';

/** Of Debian and most others; then of Tor Browser, which counts one hundred up. */
const USUAL: readonly { readonly control: string; readonly socks: string }[] = [
  { control: 'unix:/run/tor/control', socks: 'unix:/run/tor/socks' },
  { control: 'unix:/var/run/tor/control', socks: 'unix:/var/run/tor/socks' },
  { control: '127.0.0.1:9051', socks: '127.0.0.1:9050' },
  { control: '127.0.0.1:9151', socks: '127.0.0.1:9150' },
];

interface Reached {
  readonly connection: ControlConnection;
  readonly endpoint: TorEndpoint;
  readonly socks: TorEndpoint;
}

/**
 * Attaches to a tor that somebody else started, and leaves it running. It may be behind a filter that
 * refuses most commands, as on Tails and Whonix.
 *
 * @throws OnionferryError ERR_TOR_CONTROL with what to change; the signal's reason
 */
export async function attachTor(
  external: ExternalTor,
  { signal, logger }: { readonly signal: AbortSignal | undefined; readonly logger: Logger },
  cleanup: Cleanup,
): Promise<TorBase> {
  const reached =
    external.control === AUTO
      ? await reachFirst(external, usualEndpoints(process.env), signal, logger)
      : await reach(external.control, external, undefined, signal);
  const { connection, endpoint, socks } = reached;
  cleanup.add(() => connection.close());
  logger.debug(`attached to the running tor at ${formatTorEndpoint(endpoint)}`);
  const version = await ask(connection, 'version', signal);
  const uid = await ask(connection, 'process/uid', signal);
  return {
    connection,
    socks,
    version: version?.split(' ')[0] ?? 'of unknown version',
    where: formatTorEndpoint(endpoint),
    ...publishing(endpoint, {
      isChosen: external.control !== AUTO,
      uid: uid === undefined ? undefined : Number(uid),
    }),
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

/** Those that the environment names come first: Tor Browser and Whonix set these. */
export function usualEndpoints(
  environment: NodeJS.ProcessEnv,
): readonly { readonly control: string; readonly socks: string | undefined }[] {
  const named = (name: string): string | undefined => {
    const value = environment[name];
    return value === undefined || value === '' ? undefined : value;
  };
  const host = named('TOR_CONTROL_HOST') ?? '127.0.0.1';
  const port = named('TOR_CONTROL_PORT');
  const path = named('TOR_CONTROL_IPC_PATH');
  return [
    ...(path === undefined ? [] : [{ control: path, socks: undefined }]),
    ...(port === undefined ? [] : [{ control: `${host}:${port}`, socks: undefined }]),
    ...USUAL,
  ];
}

async function reachFirst(
  external: ExternalTor,
  endpoints: ReturnType<typeof usualEndpoints>,
  signal: AbortSignal | undefined,
  logger: Logger,
): Promise<Reached> {
  const reasons: string[] = [];
  for (const { control, socks } of endpoints) {
    try {
      return await reach(control, external, socks, signal);
    } catch (error) {
      signal?.throwIfAborted();
      const reason = error instanceof Error ? error.message : String(error);
      logger.debug(`no running tor at ${control}: ${reason}`);
      // What does not listen at all is no reason.
      if (!/^cannot reach/.test(reason)) reasons.push(`${control}: ${reason}`);
    }
  }
  throw new OnionferryError(
    'ERR_TOR_CONTROL',
    reasons.length === 0
      ? 'no running tor was found: start one with a control port, or leave --control out'
      : `no running tor lets onionferry in (${reasons.join('; ')})`,
  );
}

async function reach(
  control: string,
  external: ExternalTor,
  usualSocks: string | undefined,
  signal: AbortSignal | undefined,
): Promise<Reached> {
  const endpoint = parseTorEndpoint(control);
  const named = external.socks === undefined ? undefined : parseTorEndpoint(external.socks);
  const connection = await ControlConnection.connect(endpoint, signal);
  try {
    await authenticate(connection, { signal, password: external.password });
    if (named !== undefined) return { connection, endpoint, socks: named };
    const socks = (await socksOf(connection, signal)) ?? usualSocks;
    if (socks === undefined) {
      throw new OnionferryError(
        'ERR_TOR_CONTROL',
        'the running tor does not say where its SOCKS port is: name it with --socks',
      );
    }
    return { connection, endpoint, socks: parseTorEndpoint(socks) };
  } catch (error) {
    connection.close();
    throw error;
  }
}

async function socksOf(
  connection: ControlConnection,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const listed = await ask(connection, 'net/listeners/socks', signal);
  const all = [...(listed ?? '').matchAll(/"(?:[^"\\]|\\.)*"/g)].map(([one]) => unquote(one));
  // A port is open to this user; a socket may not be.
  return all.find((one) => !one.startsWith('unix:')) ?? all[0];
}

/** @returns undefined if it is refused */
async function ask(
  connection: ControlConnection,
  key: string,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  try {
    return await connection.getInfo(key, { signal });
  } catch (error) {
    if (isRefusal(error)) return undefined;
    throw error;
  }
}

/**
 * tor ends when it cannot read a service's key from a directory of its own user, and another user
 * reaches none of our sockets: such a tor gets its key by ADD_ONION, and a port to connect to. So does
 * one that nobody has named: of what is added so, nothing is left after any end, not even a kill.
 */
function publishing(
  control: TorEndpoint,
  { isChosen, uid }: { readonly isChosen: boolean; readonly uid: number | undefined },
): Pick<TorBase, 'cannotPublish' | 'forwards' | 'isStranger'> {
  const isHere = control.kind === 'unix' || /^(localhost|127\..*|::1)$/.test(control.host);
  if (!isHere) {
    return {
      cannotPublish: new OnionferryError(
        'ERR_TOR_PUBLISH',
        'a tor on another machine cannot be given an onion service: let onionferry start a tor of its own',
      ),
    };
  }
  const ourUid = process.getuid?.();
  const isStranger = ourUid !== undefined && uid !== ourUid;
  return { forwards: !isChosen || isStranger, isStranger };
}
