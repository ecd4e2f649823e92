import { toBase64 } from '../../base/bytes.js';
import { Cleanup } from '../../base/cleanup.js';
import { deferred } from '../../base/deferred.js';
import { OnionferryError } from '../../base/errors.js';
import type { Logger } from '../../base/logger.js';
import { type OnionAddress, parseOnionAddress } from '../../onion/address.js';
import { hiddenServiceSecretKey, type Identity } from '../../onion/identity.js';
import type { ControlConnection } from '../control/connection.js';
import { isRefusal } from '../control/quoting.js';
import { OnlineWatch } from './online-watch.js';
import type { Publication, ServiceOptions } from './publish.js';
import {
  formatTarget,
  type ServicePort,
  type ServiceTarget,
  STREAMS_PER_CIRCUIT,
} from './service-list.js';

/** Of hiddenServiceSecretKey */
const KEY_HEADER_BYTES = 32;

export interface EphemeralServiceOptions {
  /** Its key, so that its address is known beforehand; default a new one that only tor knows. */
  readonly identity?: Identity | undefined;
  readonly ports: readonly ServicePort[];
  /** Streams that one circuit of a client may have open; default STREAMS_PER_CIRCUIT. */
  readonly streamsPerCircuit?: number;
  /** Whether it waits until every directory has answered, not only some; default true. */
  readonly isPatient?: boolean;
  /** Default PUBLISH_DEADLINE_MS. */
  readonly deadlineMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface EphemeralPublication extends Publication {
  /** Resolves, never rejects, when it is no more: closed, or gone with its tor. */
  readonly ended: Promise<void>;
}

/**
 * Publishes a service whose key is not on the disk. It ends with the control
 * connection at the latest, however that ends, and the list of other services stays as it is.
 *
 * tor tells such a service nothing about circuits: there is no PROXY line, and no proof of work.
 *
 * @throws OnionferryError ERR_TOR_PUBLISH if it is not online in time or tor refuses it
 */
export async function publishEphemeral(
  connection: ControlConnection,
  service: EphemeralServiceOptions,
  logger: Logger,
): Promise<EphemeralPublication> {
  const { signal, deadlineMs, isPatient } = service;
  using watch = await OnlineWatch.begin(connection, { signal, deadlineMs, logger });
  // Without the signal: an answer that is not awaited is an address that nobody takes down.
  const onion = await addOnion(connection, service);
  const closed = deferred<undefined>();
  const cleanup = new Cleanup();
  cleanup.add(async () => {
    closed.resolve(undefined);
    await removeOnion(connection, onion);
  });
  try {
    await watch.untilOnline(onion, isPatient);
  } catch (error) {
    await cleanup.runAfterFailure(logger);
    throw error;
  }
  return {
    onion,
    ended: Promise.race([closed.promise, connection.closed.then(() => undefined)]),
    close: () => cleanup.run(),
  };
}

/**
 * @throws OnionferryError ERR_TOR_CONTROL if tor refuses it, ERR_TOR_PUBLISH if a target cannot be
 *   told to tor
 */
export async function addOnion(
  connection: ControlConnection,
  {
    identity,
    ports,
    clients,
    streamsPerCircuit = STREAMS_PER_CIRCUIT,
  }: Pick<EphemeralServiceOptions, 'identity' | 'ports' | 'streamsPerCircuit'> &
    Pick<ServiceOptions, 'clients'>,
): Promise<OnionAddress> {
  const key = identity === undefined ? 'NEW:ED25519-V3' : keyOf(identity);
  const targets = ports.map(
    ({ virtual, target }) => `Port=${String(virtual)},${bareTarget(target)}`,
  );
  // control-spec: V3Auth and ClientAuthV3 need each other.
  const isPrivate = clients !== undefined;
  const admitted = clients?.map((key) => `ClientAuthV3=${key}`) ?? [];
  const flags = ['DiscardPK', 'MaxStreamsCloseCircuit', ...(isPrivate ? ['V3Auth'] : [])];
  const limits = [`Flags=${flags.join(',')}`, `MaxStreams=${streamsPerCircuit}`];
  let lines: string[];
  try {
    lines = await connection.send(['ADD_ONION', key, ...limits, ...targets, ...admitted].join(' '));
  } catch (error) {
    // Filters before a control port know the plainest form only, if any.
    if (!isRefusal(error) || identity === undefined || !/: 51\d/.test(String(error))) throw error;
    // Which would open a private service to everybody.
    if (isPrivate) throw takesNoClients(error);
    lines = await connection.send(['ADD_ONION', key, ...targets].join(' '));
  }
  const id = lines.map((line) => /^ServiceID=(\w{56})$/.exec(line)?.[1]).find(Boolean);
  return parseOnionAddress(`${id ?? ''}.onion`);
}

/** ADD_ONION takes no quotes. @throws OnionferryError ERR_TOR_PUBLISH */
function bareTarget(target: ServiceTarget): string {
  if (!('unix' in target)) return formatTarget(target);
  if (/^[^\s"'\\\p{Cc}]+$/u.test(target.unix)) return `unix:${target.unix}`;
  throw new OnionferryError(
    'ERR_TOR_PUBLISH',
    `tor cannot be told of a socket with a space or a quote in its path (${target.unix}): set TMPDIR to another folder`,
  );
}

/** control-spec, ADD_ONION: the expanded key in base64, without the header that it has in a file. */
function keyOf(identity: Identity): string {
  return `ED25519-V3:${toBase64(hiddenServiceSecretKey(identity).subarray(KEY_HEADER_BYTES))}`;
}

export async function removeOnion(
  connection: ControlConnection,
  onion: OnionAddress,
): Promise<void> {
  try {
    await connection.send(`DEL_ONION ${onion.replace(/\.onion$/, '')}`);
  } catch (error) {
    // It ends with its connection.
    if (!connection.isClosed) throw error;
  }
}

function takesNoClients(cause: unknown): OnionferryError {
  return new OnionferryError(
    'ERR_TOR_PUBLISH',
    'the running tor refuses a private onion service: leave --control out, so that onionferry starts a tor of its own',
    { cause },
  );
}
