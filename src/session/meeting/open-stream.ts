import { deadline, untilAborted } from '../../base/deadline.js';
import { OnionferryError } from '../../base/errors.js';
import type { RelayClient, RelayStream } from '../../relay-protocol/relay-client.js';
import type { ParticipantId } from '../../relay-protocol/wire.js';
import type { CircuitNames } from '../circuits/circuit-names.js';
import type { DialledAhead } from '../circuits/dialled-ahead.js';
import type { Primitives } from '../conversation/primitives.js';
import { SecureStream } from '../conversation/secure-stream.js';

/** From both sides' consent to the other side's first byte: a new circuit, and its slowness. */
const ESTABLISH_MS = 30_000;

export interface StreamOptions {
  readonly relay: RelayClient;
  readonly primitives: Primitives;
  readonly circuits: CircuitNames;
  readonly ahead?: DialledAhead | undefined;
  readonly channel: string;
  readonly uuid: ParticipantId;
  readonly role: 'sender' | 'recipient';
  /** Resolves when the other side has proved itself; rejects if it does not. */
  readonly root: Promise<Uint8Array>;
  readonly signal?: AbortSignal | undefined;
  readonly establishMs?: number | undefined;
}

/**
 * Opens the stream of one number; resolves when the other side has opened it too.
 *
 * @throws OnionferryError ERR_PEER_GONE if it does not come, or why the relay cannot be reached
 */
export async function openStream(options: StreamOptions, stream: number): Promise<SecureStream> {
  const { role, root, signal, primitives } = options;
  const relayed = await dial(options, stream);
  const { createAead } = primitives;
  const opening = relayed.channel.then(
    (channel) => new SecureStream({ channel, role, root, stream, createAead }),
  );
  // Thrown below, once the other side has proved itself.
  opening.catch(() => undefined);
  try {
    // Until then the other side cannot say anything, however long a person takes.
    await untilAborted(root, signal);
    const tooLong = (): OnionferryError =>
      new OnionferryError('ERR_PEER_GONE', 'the other side did not come; try again');
    using limit = deadline(options.establishMs ?? ESTABLISH_MS, tooLong, signal);
    const secure = await untilAborted(opening, limit.signal);
    await untilAborted(secure.established(), limit.signal);
    return secure;
  } catch (error) {
    relayed.destroy();
    throw error;
  }
}

async function dial(
  { relay, circuits, ahead, channel, uuid, signal }: StreamOptions,
  stream: number,
): Promise<RelayStream> {
  const address = { channel, uuid, stream };
  const dialled = await ahead?.take(stream, signal);
  if (dialled !== undefined) return dialled.hello(address);
  return await relay.openStream(address, { isolation: circuits(stream), signal });
}
