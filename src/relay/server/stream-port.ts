import { createServer, type Server, type Socket } from 'node:net';
import { parseAuthorization } from '../../base/authorization.js';
import type { Logger } from '../../base/logger.js';
import type { AccessCheck, AccessDelay } from '../../onion-http/access-check.js';
import type { Circuits } from '../../onion-http/circuits.js';
import { readLine } from '../../onion-http/read-line.js';
import { parse } from '../../relay-protocol/parse.js';
import { Refusal } from '../../relay-protocol/refusal.js';
import {
  STREAM_LINE_MAX_BYTES,
  type StreamHello,
  streamHelloSchema,
} from '../../relay-protocol/wire.js';
import type { RelayLimits } from '../limits.js';
import { SocketEnd } from '../staple/stream-end.js';
import type { Registry } from './registry.js';

/** Read ahead from each socket: two full reads of the event loop, so that one can be under way. */
export const READ_AHEAD_BYTES: number = 128 * 1024;

export interface StreamPortOptions {
  readonly registry: Registry;
  readonly door: AccessCheck;
  readonly accessDelay: AccessDelay;
  readonly circuits: Circuits;
  /** Told of each connection that has shown the right key */
  readonly onPassed: (socket: Socket) => void;
  readonly limits: RelayLimits;
  readonly logger: Logger;
}

/** Reads each connection's hello and gives it to the channel that it names. */
export function createStreamPort(options: StreamPortOptions): Server {
  const { circuits, limits, logger } = options;
  const server = createServer(
    { allowHalfOpen: true, highWaterMark: READ_AHEAD_BYTES, noDelay: true },
    (socket) => {
      socket.on('error', () => undefined);
      welcome(socket, options).catch((error: unknown) => {
        logger.warn(`relay: a stream failed: ${String(error)}`);
        socket.destroy();
      });
    },
  );
  server.maxConnections = limits.connections;
  circuits.watch(server);
  return server;
}

async function welcome(socket: Socket, options: StreamPortOptions): Promise<void> {
  const { registry, door, accessDelay, circuits, limits, onPassed } = options;
  const line = await readLine(socket, {
    maxBytes: STREAM_LINE_MAX_BYTES,
    deadlineMs: limits.headMs,
  }).catch(() => undefined);
  const caller = circuits.caller(socket);
  if (line === undefined || accessDelay.isShut(caller)) {
    socket.destroy();
    return;
  }
  const end = new SocketEnd(socket, socket, limits.lingerMs);
  try {
    const { authorization, ...place } = parseHello(line);
    const shown = parseAuthorization(authorization);
    if (shown === undefined) throw new Refusal('unauthorized');
    if (!door(shown.user, shown.password)) {
      if (await accessDelay.hold(caller)) throw new Refusal('unauthorized');
      socket.destroy();
      return;
    }
    onPassed(socket);
    registry.openStream(place, end, caller);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    end.refuse(error.wireCode);
  }
}

function parseHello(line: string): StreamHello {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    throw new Refusal('bad-request');
  }
  return parse(streamHelloSchema, json);
}
