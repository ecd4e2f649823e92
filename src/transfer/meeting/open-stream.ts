import { deadline, untilAborted } from '../../base/deadline.js';
import { OnionferryError } from '../../base/errors.js';
import type { DialledStream, RelayAccess } from '../../relay/access.js';
import type { ParticipantId } from '../../relay/protocol.js';
import { SecureStream } from '../secure-stream.js';

/** From both sides' consent to the other side's first byte: a new circuit, and its slowness. */
const ESTABLISH_MS = 30_000;
/** The circuit that also carries the requests. */
export const FIRST_ISOLATION = '0';

export interface StreamOptions {
  readonly access: RelayAccess;
  /** A connection for stream 0, dialled ahead. */
  readonly ahead?: Promise<DialledStream> | undefined;
  readonly channel: string;
  readonly uuid: ParticipantId;
  readonly role: 'sender' | 'recipient';
  /** Settles when the other side has proved the words. */
  readonly root: Promise<Uint8Array>;
  readonly signal?: AbortSignal | undefined;
  readonly establishMs?: number | undefined;
}

/**
 * Opens the stream of one number; resolves when the other side has come to it.
 *
 * @throws OnionferryError ERR_PEER_GONE if it does not come, or why the relay cannot be reached
 */
export async function openStream(options: StreamOptions, stream: number): Promise<SecureStream> {
  const { access, channel, uuid, role, root } = options;
  const call = options.signal === undefined ? {} : { signal: options.signal };
  const ahead = stream === 0 ? options.ahead : undefined;
  const dialled = await (ahead ?? access.dialStream({ ...call, isolation: FIRST_ISOLATION }));
  const relayed = dialled.hello({ channel, uuid, stream });
  relayed.answered.catch(() => undefined);
  relayed.duplex.catch(() => undefined);
  const opening = relayed.duplex.then(
    (duplex) => new SecureStream({ duplex, readable: relayed.answered, role, root, stream }),
  );
  opening.catch(() => undefined);
  try {
    // Until then the other side cannot say anything, however long a person takes.
    await untilAborted(root, options.signal);
    const tooLong = (): OnionferryError =>
      new OnionferryError('ERR_PEER_GONE', 'the other side did not come; try again');
    using limit = deadline(options.establishMs ?? ESTABLISH_MS, tooLong, options.signal);
    const secure = await untilAborted(opening, limit.signal);
    await untilAborted(secure.established(), limit.signal);
    return secure;
  } catch (error) {
    relayed.destroy();
    opening.then(
      (secure) => secure.destroy(),
      () => undefined,
    );
    throw error;
  }
}
