import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { pipeline } from 'node:stream';
import { Cleanup } from '../../base/cleanup.js';
import { deadline, sleep } from '../../base/deadline.js';
import { hasCode, OnionferryError } from '../../base/errors.js';
import type { Logger } from '../../base/logger.js';
import type { OnionAddress } from '../../onion/address.js';
import type { ControlConnection } from '../control/connection.js';
import type { TorEndpoint } from '../control/endpoint.js';
import { isRefusal } from '../control/quoting.js';
import { dialOnion } from '../dial/dial-onion.js';
import { OnlineWatch, PUBLISH_DEADLINE_MS } from './online-watch.js';
import type { Publication, ServiceOptions } from './publish.js';
import { addOnion, removeOnion } from './publish-ephemeral.js';
import type { ServicePort, ServiceTarget } from './service-list.js';

/** What the filters of Whonix and Tails let programs offer. */
const FILTERED_PORTS = { first: 17_600, last: 17_659 };
/** What a server reads in place of a circuit (PROXY protocol, version 1). */
const UNKNOWN_CIRCUIT = 'PROXY UNKNOWN\r\n';
/** The first descriptors are uploaded a second or two after the service was added. */
const FIRST_DIAL_AFTER_MS = 3_000;
const DIAL_AGAIN_MS = 2_000;
const DIAL_MAX_MS = 20_000;

/**
 * Publishes a service on a tor that reads none of our files and reaches none of our sockets, because
 * it runs as another user: tor gets the key by ADD_ONION, and connects to ports of this machine that
 * lead to our sockets. All of it ends with the control connection.
 *
 * It is online when tor's events say so; where a filter refuses those, when it answers a dial.
 *
 * @throws OnionferryError ERR_TOR_PUBLISH, ERR_IDENTITY_BUSY; the signal's reason
 */
export async function publishForwarded(
  connection: ControlConnection,
  service: ServiceOptions,
  { socks, logger }: { readonly socks: TorEndpoint; readonly logger: Logger },
): Promise<Publication> {
  const { identity, clients, deadlineMs, signal, onUploaded, streamsPerCircuit } = service;
  const onion = identity.address;
  if (service.front !== undefined) throw takesNoFront();
  const cleanup = new Cleanup();
  try {
    const ports: ServicePort[] = [];
    for (const { virtual, target } of service.ports) {
      ports.push({ virtual, target: await forward(target, cleanup) });
    }
    using watch = await watchIfAllowed(connection, { onUploaded, deadlineMs, signal, logger });
    // Without the signal: an answer that is not awaited is an address that nobody takes down.
    await addOnion(connection, {
      ...{ identity, ports, clients },
      ...(streamsPerCircuit !== undefined && { streamsPerCircuit }),
    }).catch((error: unknown) => {
      throw isCollision(error)
        ? new OnionferryError('ERR_IDENTITY_BUSY', `${onion} is published already`, {
            cause: error,
          })
        : error;
    });
    cleanup.add(() => removeOnion(connection, onion));
    if (watch === undefined) await untilItAnswers(connection, { service, socks, logger });
    else await watch.untilOnline(onion);
  } catch (error) {
    await cleanup.runAfterFailure(logger);
    throw error;
  }
  return { onion, close: () => cleanup.run() };
}

async function watchIfAllowed(
  connection: ControlConnection,
  options: Parameters<typeof OnlineWatch.begin>[1],
): Promise<OnlineWatch | undefined> {
  try {
    return await OnlineWatch.begin(connection, options);
  } catch (error) {
    if (isRefusal(error)) return undefined;
    throw error;
  }
}

/** Dials the service through tor itself, as anybody would. */
async function untilItAnswers(
  connection: ControlConnection,
  options: {
    readonly service: ServiceOptions;
    readonly socks: TorEndpoint;
    readonly logger: Logger;
  },
): Promise<void> {
  const { service, socks, logger } = options;
  const { identity, deadlineMs = PUBLISH_DEADLINE_MS } = service;
  const onion: OnionAddress = identity.address;
  const late = `the onion service did not answer within ${deadlineMs / 1000} seconds, and this tor does not say why; try again`;
  using limit = deadline(
    deadlineMs,
    () => new OnionferryError('ERR_TOR_PUBLISH', late),
    service.signal,
  );
  await sleep(FIRST_DIAL_AFTER_MS, limit.signal);
  for (let attempt = 1; ; attempt++) {
    limit.signal.throwIfAborted();
    try {
      const isolation = `online-${String(attempt)}`;
      const port = service.ports[0]?.virtual ?? 80;
      const dial = { socks, onion, port, isolation, signal: limit.signal };
      (await dialOnion({ ...dial, deadlineMs: DIAL_MAX_MS })).destroy();
      return;
    } catch (error) {
      limit.signal.throwIfAborted();
      // tor has found its descriptor, which it has no key for.
      if (service.clients !== undefined && hasCode(error, 'ERR_ONION_CLIENT_AUTH')) return;
      logger.debug(`the service does not answer yet: ${String(error)}`);
    }
    // Else tor would not ask again for minutes; a filter may refuse it.
    await connection.signal('NEWNYM', { signal: limit.signal }).catch((error: unknown) => {
      if (!isRefusal(error)) throw error;
    });
    await sleep(DIAL_AGAIN_MS, limit.signal);
  }
}

/** A port of this machine that leads to `target`, until `cleanup` runs. */
async function forward(target: ServiceTarget, cleanup: Cleanup): Promise<ServiceTarget> {
  if (!('unix' in target)) return target;
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (from) => {
    const to = connect({ path: target.unix, allowHalfOpen: true });
    for (const socket of [from, to]) {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      // 'close' follows, and is what counts.
      socket.on('error', () => undefined);
    }
    to.write(UNKNOWN_CIRCUIT);
    pipeline(from, to, () => undefined);
    pipeline(to, from, () => undefined);
  });
  cleanup.add(async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
  });
  await listen(server);
  // It listens at a port, not at a path.
  const { port } = server.address() as AddressInfo;
  return { host: '127.0.0.1', port };
}

async function listen(server: Server): Promise<void> {
  for (let port = FILTERED_PORTS.first; port <= FILTERED_PORTS.last; port++) {
    try {
      await once(server.listen(port, '127.0.0.1'), 'listening');
      return;
    } catch {
      // Somebody else has it: the next.
    }
  }
  await once(server.listen(0, '127.0.0.1'), 'listening');
}

/** 550 Onion address collision. */
function isCollision(error: unknown): boolean {
  return hasCode(error, 'ERR_TOR_CONTROL') && /: 550 .*collision/i.test(error.message);
}

function takesNoFront(): OnionferryError {
  return new OnionferryError(
    'ERR_TOR_PUBLISH',
    'a tor of another user cannot serve behind an address of Onionbalance: leave --control out, so that onionferry starts a tor of its own',
  );
}
