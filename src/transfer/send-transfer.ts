import { OnionferryError } from '../base/errors.js';
import { withinPatience } from './away.js';
import { encodeManifest } from './manifest-parts.js';
import type { Met, Reunion } from './meeting/reunion.js';
import { isPassing } from './passing.js';
import { SenderSession, type SentTransfer } from './sending/sender-session.js';
import type { Source } from './source/source.js';

export interface SendTransferOptions {
  /** Undefined if the two have lost each other already: then they meet again first. */
  readonly met: Met | undefined;
  readonly reunion: Reunion;
  readonly source: Source;
  readonly signal?: AbortSignal | undefined;
  readonly awayMaxMs?: number | undefined;
  /** The recipient has agreed; content leaves from now on. */
  readonly onAccepted?: () => void;
  /** Bytes that the recipient has verified and written, as it says itself. */
  readonly onWritten?: (bytes: number) => void;
  /** Streams that carry the transfer now. */
  readonly onStreams?: (streams: number) => void;
  /** They have met once more. */
  readonly onMet?: (generation: number) => void;
  /** The recipient has vanished; it is waited for. */
  readonly onAway?: () => void;
}

/**
 * Offers a source over an established meeting and sends it, through as many reunions as it takes.
 *
 * Resolves when the recipient's authenticated receipt is here: everything verified and on disk.
 *
 * @throws OnionferryError ERR_REFUSED, ERR_PEER_GONE, ERR_SOURCE, ERR_SOURCE_CHANGED, ERR_PROTOCOL
 */
export async function sendTransfer(options: SendTransferOptions): Promise<SentTransfer> {
  const { source, reunion } = options;
  const ending = new AbortController();
  const signal =
    options.signal === undefined ? ending.signal : AbortSignal.any([options.signal, ending.signal]);
  const manifest = encodeManifest(source.manifest);
  // Also while streams live: a recipient that was started anew comes before they are seen to be dead.
  let returning = returns();
  let { met } = options;
  let accepted = false;
  try {
    for (;;) {
      if (met === undefined) {
        options.onAway?.();
        const coming = returning;
        met = await withinPatience(() => coming, options.awayMaxMs, signal);
        options.onMet?.(met.generation);
        returning = returns();
      }
      const replaced = new AbortController();
      const session = new SenderSession({
        ...met,
        source,
        manifest,
        signal: AbortSignal.any([signal, replaced.signal]),
        onAccepted: () => {
          if (!accepted) options.onAccepted?.();
          accepted = true;
        },
        onWritten: (bytes) => options.onWritten?.(bytes),
        onStreams: (streams) => options.onStreams?.(streams),
      });
      const { generation } = met;
      met = undefined;
      let next: Met | undefined;
      void returning.then(
        (again) => {
          next = again;
          replaced.abort(cameAgain());
        },
        () => undefined,
      );
      try {
        return await session.run();
      } catch (error) {
        signal.throwIfAborted();
        const hasBegun = accepted || generation > 0;
        if (next === undefined && !(isPassing(error) && hasBegun)) throw error;
        met = next;
        if (next === undefined) continue;
        options.onMet?.(next.generation);
        returning = returns();
      }
    }
  } finally {
    ending.abort(new OnionferryError('ERR_INTERRUPTED', 'the transfer is over'));
    await reunion.close();
  }

  function returns(): Promise<Met> {
    const meeting = reunion.meet({ signal });
    meeting.catch(() => undefined);
    return meeting;
  }
}

function cameAgain(): OnionferryError {
  return new OnionferryError('ERR_PEER_GONE', 'the recipient has come anew');
}
