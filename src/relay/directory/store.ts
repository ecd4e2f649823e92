import { createClient } from '@redis/client';
import { deadline, untilAborted } from '../../base/deadline.js';
import { OnionferryError } from '../../base/errors.js';
import type { Logger } from '../../base/logger.js';
import { formatStoreLocation, type StoreLocation } from './store-location.js';
import { SCRIPTS, type StoreScript } from './store-scripts.js';

/** A store on the same machine or network answers in milliseconds. */
const ANSWER_MS = 2_000;
const CONNECT_MS = 5_000;
/** A connection on which nothing comes is given up: of renewals something comes every 5 s. */
const SILENT_MS = 8_000;
const RECONNECT_MAX_MS = 2_000;
/** Commands that wait for the store; what is more is refused. */
const WAITING_MAX = 10_000;

/** A Redis or Valkey, for scripts alone. */
export interface Store {
  /** @throws while there is no connection, and if no answer comes within ANSWER_MS */
  run(script: StoreScript, keys: readonly string[], values: readonly string[]): Promise<unknown>;
  /** Called each time that there is a connection again. */
  whenReady(listener: () => void): void;
  close(): void;
}

export interface StoreOptions {
  readonly location: StoreLocation;
  readonly password?: string | undefined;
  readonly logger: Logger;
  readonly signal?: AbortSignal | undefined;
}

/** @throws OnionferryError ERR_RELAY if it cannot be used; the signal's reason */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { location, password, logger, signal } = options;
  let wasReady = false;
  const client = createClient({
    RESP: 2,
    ...targetOf(location, () => wasReady),
    ...(password !== undefined && { password }),
    disableOfflineQueue: true,
    commandsQueueMaxLength: WAITING_MAX,
  });
  // Before all else: a script that the store does not know is sent again, behind others.
  client.on('ready', () => {
    for (const { text } of SCRIPTS) {
      client.sendCommand(['SCRIPT', 'LOAD', text]).catch((error: unknown) => {
        logger.debug(`relay: the store takes no script: ${String(error)}`);
      });
    }
  });
  client.on('error', (error: unknown) => logger.debug(`relay: the store: ${String(error)}`));
  try {
    using limit = deadline(CONNECT_MS, 'it does not answer', signal);
    await untilAborted(client.connect(), limit.signal);
    // One that asks for a password takes the connection without.
    await untilAborted(client.ping(), limit.signal);
  } catch (cause) {
    if (client.isOpen) client.destroy();
    signal?.throwIfAborted();
    const sentence = `the store at ${formatStoreLocation(location)} cannot be used; check that it runs, and its password`;
    throw new OnionferryError('ERR_RELAY', sentence, { cause });
  }
  wasReady = true;
  return {
    async run({ sha1, text }, keys, values) {
      const rest = [String(keys.length), ...keys, ...values];
      const running = client.sendCommand(['EVALSHA', sha1, ...rest]).catch((error: unknown) => {
        // A store that was restarted does not know it yet.
        if (!String(error).includes('NOSCRIPT')) throw error;
        return client.sendCommand(['EVAL', text, ...rest]);
      });
      return await answered(running);
    },
    whenReady: (listener) => void client.on('ready', listener),
    close: () => {
      if (client.isOpen) client.destroy();
    },
  };
}

/** As `deadline` does, but for each channel of a busy relay: it takes no signal, and costs a timer. */
function answered(running: Promise<unknown>): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the store does not answer')), ANSWER_MS);
    running.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

type Target = Pick<
  NonNullable<Parameters<typeof createClient>[0]>,
  'socket' | 'username' | 'database'
>;

function targetOf(location: StoreLocation, isUsed: () => boolean): Target {
  const common = {
    connectTimeout: CONNECT_MS,
    socketTimeout: SILENT_MS,
    // The first connection says whether the location is right; a store that was there comes back.
    reconnectStrategy: (retries: number, cause: Error): number | Error =>
      isUsed() ? Math.min(50 * 2 ** retries, RECONNECT_MAX_MS) : cause,
  };
  if (location.kind === 'unix') return { socket: { path: location.path, tls: false, ...common } };
  const { host, port, isEncrypted, user, database } = location;
  return {
    socket: isEncrypted ? { host, port, tls: true, ...common } : { host, port, ...common },
    ...(user !== undefined && { username: user }),
    database,
  };
}
