import { sha256 } from '@noble/hashes/sha2.js';
import { type Bytes, toBase64Url, utf8 } from '../../base/bytes.js';
import { OnionferryError } from '../../base/errors.js';
import { Notifier } from '../../base/notifier.js';
import { beginSession } from '../../session/conversation/begin-session.js';
import { ChunkPlan } from '../../stream/chunk-plan.js';
import { webDeflate } from '../../stream/deflate.js';
import { FRAME_CONTENT_BYTES } from '../../stream/frame.js';
import { MANIFEST_MAX_BYTES, totalBytes } from '../../stream/manifest.js';
import type { MeetAgain } from '../channel/meet-again.js';
import type { PageMeeting } from '../channel/meeting.js';
import { isBroken } from '../stream/broken.js';
import type { Chosen } from './chosen.js';
import { type EncodedOffer, SendingStream } from './sending-stream.js';

export interface SendOptions {
  readonly meeting: PageMeeting;
  readonly meetAgain: MeetAgain;
  readonly chosen: Chosen;
  readonly signal: AbortSignal;
  /** The recipient has taken the offer. */
  readonly onAccepted: () => void;
  /** Bytes that the recipient has verified and kept, as it says itself. */
  readonly onBytes: (bytes: number) => void;
  /** The connection is lost, or stands again. */
  readonly onAway: (isAway: boolean) => void;
}

/**
 * Offers what was chosen over a meeting, and sends it over one stream at a time, through as many
 * meetings as it takes. Resolves when the recipient's receipt is here.
 *
 * @throws OnionferryError ERR_REFUSED, ERR_PEER_GONE, ERR_SOURCE, ERR_SOURCE_CHANGED, ERR_PROTOCOL
 */
export async function sendChosen(options: SendOptions): Promise<void> {
  const { chosen, signal, meetAgain, onAway } = options;
  const offer = await encode(chosen);
  let { meeting } = options;
  for (let generation = 0; ; ) {
    try {
      await session(options, { offer, meeting, generation });
      return;
    } catch (error) {
      signal.throwIfAborted();
      if (!isBroken(error)) throw error;
    } finally {
      void meeting.leave();
    }
    onAway(true);
    ({ meeting, generation } = await meetAgain(generation, signal));
    onAway(false);
  }
}

async function encode({ manifest }: Chosen): Promise<EncodedOffer> {
  const json: Bytes = utf8(JSON.stringify(manifest));
  if (json.length > MANIFEST_MAX_BYTES) {
    throw new OnionferryError('ERR_SOURCE', 'too many files for one transfer; send them in parts');
  }
  return { deflated: await webDeflate(json), digest: toBase64Url(sha256(json)) };
}

async function session(
  { chosen, signal, onAccepted, onBytes }: SendOptions,
  met: { readonly offer: EncodedOffer; readonly meeting: PageMeeting; readonly generation: number },
): Promise<void> {
  const notifier = new Notifier();
  const reached = { accepted: false, receipt: false };
  let failure: OnionferryError | undefined;
  await beginSession({
    serve: async (number) => {
      try {
        const stream = await met.meeting.openStream(number, signal);
        const sending = new SendingStream({
          ...{ stream, chosen, notifier, signal, onBytes },
          offer: met.offer,
          generation: met.generation,
          onAccepted: (have) => {
            const total = totalBytes(chosen.manifest);
            reached.accepted = true;
            onAccepted();
            return new ChunkPlan({ chunkBytes: FRAME_CONTENT_BYTES, total, have });
          },
        });
        await sending.run();
        reached.receipt = true;
      } catch (error) {
        if (!isBroken(error)) throw error;
        failure = error;
      }
      return failure;
    },
    hasBegun: () => reached.accepted || reached.receipt,
    signal,
  });
  signal.throwIfAborted();
  if (reached.receipt) return;
  throw failure ?? new OnionferryError('ERR_PEER_GONE', 'the connection to the recipient broke');
}
