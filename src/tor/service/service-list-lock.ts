import { sha256 } from '@noble/hashes/sha2.js';
import { toBase64, utf8 } from '../../base/bytes.js';
import { deadline, sleep } from '../../base/deadline.js';
import { hasCode, OnionferryError } from '../../base/errors.js';
import { createIdentity, hiddenServiceSecretKey } from '../../onion/identity.js';
import type { ControlConnection } from '../control/connection.js';

/** It is held for a few commands to tor, which answers at once. */
const WAIT_MAX_MS = 30_000;
/** Between two attempts: a random time up to this, so that nobody is always the second. */
const PAUSE_MAX_MS = 40;
/** The header of `hs_ed25519_secret_key`. */
const HEADER_BYTES = 32;

/**
 * Takes the lock on the list of one tor's services, against every process that uses this tor,
 * whatever it sees of the file system.
 *
 * tor itself keeps it: the lock is an ephemeral service with a key that all holders know. tor has
 * each address once, refuses it to the second, and drops it with the control connection of a holder
 * that was killed, so it is never stale. A service that is gone within a second has not been given
 * a circuit, and the key differs from tor to tor, so that nobody can look for one that is stuck.
 *
 * @throws OnionferryError ERR_TOR_CONTROL if it stays taken; the signal's reason
 */
export async function lockServiceList(
  connection: ControlConnection,
  signal?: AbortSignal,
): Promise<AsyncDisposable> {
  const identity = await identityOfLock(connection, signal);
  const key = hiddenServiceSecretKey(identity).subarray(HEADER_BYTES);
  const take = `ADD_ONION ED25519-V3:${toBase64(key)} Port=1,unix:/onionferry/lock`;
  using limit = deadline(WAIT_MAX_MS, stuck, signal);
  for (;;) {
    limit.signal.throwIfAborted();
    try {
      // Without the signal: a lock that nobody knows to be taken is not released.
      await connection.send(take);
      break;
    } catch (error) {
      if (!isTaken(error)) throw error;
    }
    await sleep(Math.random() * PAUSE_MAX_MS, limit.signal);
  }
  const name = identity.address.replace(/\.onion$/, '');
  return {
    async [Symbol.asyncDispose](): Promise<void> {
      await connection.send(`DEL_ONION ${name}`).catch((error: unknown) => {
        // The lock ends with the connection.
        if (!connection.isClosed) throw error;
      });
    },
  };
}

async function identityOfLock(
  connection: ControlConnection,
  signal: AbortSignal | undefined,
): Promise<ReturnType<typeof createIdentity>> {
  const pid = await connection.getInfo('process/pid', { signal });
  const [setting] = await connection.getConf('DataDirectory', { signal });
  return createIdentity(sha256(utf8(`onionferry service list\0${pid}\0${setting?.[1] ?? ''}`)));
}

/** 550 Onion address collision. */
function isTaken(error: unknown): boolean {
  return hasCode(error, 'ERR_TOR_CONTROL') && /: 550 .*collision/i.test(error.message);
}

function stuck(): OnionferryError {
  return new OnionferryError(
    'ERR_TOR_CONTROL',
    'another program that changes the services of this tor does not finish: look for one that hangs or is stopped',
  );
}
