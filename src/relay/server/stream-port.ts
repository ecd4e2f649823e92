import { createServer, type Server, type Socket } from 'node:net';
import { parseAuthorization } from '../../base/authorization.js';
import type { Logger } from '../../base/logger.js';
import type { Access } from '../../onion-http/access.js';
import { callerOf } from '../../onion-http/circuits.js';
import { readLine } from '../../onion-http/read-line.js';
import { Elsewhere } from '../../relay-protocol/elsewhere.js';
import { parseJson, Refusal } from '../../relay-protocol/refusal.js';
import { STREAM_LINE_MAX_BYTES, streamHelloSchema } from '../../relay-protocol/wire.js';
import type { RelayLimits } from '../limits.js';
import { SocketEnd } from '../staple/stream-end.js';
import type { Backend } from './backend.js';
import type { Registry } from './registry.js';

/** Read ahead from each socket: two full reads of the event loop, one of them in flight. */
export const READ_AHEAD_BYTES: number = 128 * 1024;

export interface StreamPortOptions {
  readonly registry: Registry;
  readonly backend: Pick<Backend, 'leadGuesser'>;
  readonly access: Access;
  readonly limits: RelayLimits;
  readonly logger: Logger;
}

/** Reads each connection's hello and gives it to the channel that it names. */
export function createStreamPort(options: StreamPortOptions): Server {
  return createServer(
    { allowHalfOpen: true, highWaterMark: READ_AHEAD_BYTES, noDelay: true },
    (socket) => {
      // 'close' follows, and is what counts.
      socket.on('error', () => undefined);
      welcome(socket, options).catch((error: unknown) => {
        options.logger.warn(`relay: a stream failed: ${String(error)}`);
        socket.destroy();
      });
    },
  );
}

async function welcome(socket: Socket, options: StreamPortOptions): Promise<void> {
  const { registry, backend, access, limits, logger } = options;
  const connection = { socket };
  const line = await readLine(socket, {
    maxBytes: STREAM_LINE_MAX_BYTES,
    deadlineMs: limits.headMs,
  }).catch((error: unknown) => {
    logger.debug(`relay: a stream began with no hello: ${String(error)}`);
    return undefined;
  });
  if (line === undefined || access.isShut(connection)) {
    socket.destroy();
    return;
  }
  const end = new SocketEnd(socket, socket, limits.lingerMs);
  try {
    const { authorization, ...address } = parseJson(streamHelloSchema, line);
    const shown = parseAuthorization(authorization);
    if (shown === undefined) throw new Refusal('unauthorized');
    const { user, password } = shown;
    const verdict = await access.judge(connection, () => access.matches(user, password));
    if (verdict === 'busy') throw new Refusal('too-many');
    if (verdict === 'wrong') {
      if (await access.delayRefusal(connection)) throw new Refusal('unauthorized');
      socket.destroy();
      return;
    }
    access.passed(connection);
    // Counted as over HTTP, where names of channels could be tried as well.
    const isLed = await backend.leadGuesser(address, connection, access);
    if (!isLed || (registry.isGuess(address) && !(await access.delayRefusal(connection)))) {
      socket.destroy();
      return;
    }
    registry.openStream(address, end, callerOf(connection));
  } catch (error) {
    if (error instanceof Elsewhere) {
      end.lead(error);
      return;
    }
    if (!(error instanceof Refusal)) throw error;
    registry.tally.refused(error.wireCode);
    end.refuse(error.wireCode);
  }
}
