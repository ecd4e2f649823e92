import { type Bytes, utf8 } from '../base/bytes.js';
import { OnionferryError } from '../base/errors.js';
import { DATA_PREFIX_BYTES, FRAME_CONTENT_BYTES } from '../stream/frame.js';
import { isOpenEnded, MANIFEST_MAX_BYTES, totalBytes } from '../stream/manifest.js';
import { type Control, writeDataPrefix } from '../stream/message.js';
import { converse } from './converse.js';
import type { Meeting } from './meeting/meeting.js';
import { overStream } from './over-stream.js';
import { deferred } from '../base/deferred.js';
import type { SecureStream } from './secure-stream.js';
import type { Source } from './source/source.js';

export interface SendTransferOptions {
  readonly meeting: Meeting;
  readonly source: Source;
  readonly signal?: AbortSignal | undefined;
  /** The recipient has agreed; content leaves from now on. */
  readonly onAccepted?: () => void;
  /** Bytes that the recipient has verified and written, as it says itself. */
  readonly onReceived?: (bytes: number) => void;
}

export interface SentTransfer {
  readonly bytes: number;
  readonly files: number;
}

/**
 * Offers a source over an established meeting and sends it.
 *
 * Resolves when the recipient's authenticated receipt is here: everything verified and on disk.
 *
 * @throws OnionferryError ERR_REFUSED, ERR_PEER_GONE, ERR_SOURCE, ERR_SOURCE_CHANGED, ERR_PROTOCOL
 */
export async function sendTransfer(options: SendTransferOptions): Promise<SentTransfer> {
  const { meeting, signal } = options;
  return await overStream(meeting, signal, (stream, begun) => offer(stream, begun, options));
}

async function offer(
  stream: SecureStream,
  begun: () => void,
  options: SendTransferOptions,
): Promise<SentTransfer> {
  const { source } = options;
  const accepted = deferred<undefined>();
  const receipt = deferred<SentTransfer>();
  const progress: Progress = { sent: 0, received: 0, whole: false };

  function hear(control: Control): void {
    switch (control.type) {
      case 'accept':
        accepted.resolve(undefined);
        break;
      case 'received':
        if (control.bytes > progress.sent || control.bytes < progress.received) throw unexpected();
        progress.received = control.bytes;
        options.onReceived?.(control.bytes);
        break;
      case 'receipt':
        if (!progress.whole || control.bytes !== progress.sent) throw unexpected();
        receipt.resolve({ bytes: control.bytes, files: control.files });
        break;
      default:
        throw unexpected();
    }
  }

  return await converse({
    stream,
    signal: options.signal,
    hear: (message) => {
      if (message.frame !== 'control') throw unexpected();
      hear(message.control);
    },
    async speak(): Promise<SentTransfer> {
      await sendManifest(stream, source);
      await accepted.promise;
      begun();
      options.onAccepted?.();
      await sendContent(stream, source, progress);
      progress.whole = true;
      const total = progress.sent;
      await stream.send({ frame: 'control', control: { type: 'end', total } });
      const result = await receipt.promise;
      await stream.send({ frame: 'control', control: { type: 'farewell' } });
      await stream.flushed();
      return result;
    },
  });
}

async function sendManifest(stream: SecureStream, source: Source): Promise<void> {
  const json = utf8(JSON.stringify(source.manifest));
  if (json.length > MANIFEST_MAX_BYTES) {
    throw new OnionferryError('ERR_SOURCE', 'too many files for one transfer; send them in parts');
  }
  for (let at = 0; at < json.length; at += FRAME_CONTENT_BYTES) {
    const part = json.subarray(at, at + FRAME_CONTENT_BYTES);
    const last = at + FRAME_CONTENT_BYTES >= json.length;
    await stream.send({ frame: 'manifest', part, last });
  }
}

interface Progress {
  /** Content handed to the stream. */
  sent: number;
  /** What the recipient says it has. */
  received: number;
  /** Whether that is all there is. */
  whole: boolean;
}

/** Reads the next block while the one before is sealed and written. */
async function sendContent(
  stream: SecureStream,
  source: Source,
  progress: Progress,
): Promise<void> {
  const size = Math.min(FRAME_CONTENT_BYTES, Math.max(1, knownSize(source)));
  let spare: Bytes = new Uint8Array(DATA_PREFIX_BYTES + size);
  let block: Bytes = new Uint8Array(DATA_PREFIX_BYTES + size);
  let position = 0;
  let reading = source.read(0, block.subarray(DATA_PREFIX_BYTES));
  for (;;) {
    const length = await reading;
    if (length === 0) return;
    reading = source.read(position + length, spare.subarray(DATA_PREFIX_BYTES));
    // Awaited in the next round, which a failing send never reaches.
    reading.catch(() => undefined);
    writeDataPrefix(block, position);
    progress.sent += length;
    await stream.sendPlaintext(block.subarray(0, DATA_PREFIX_BYTES + length));
    position += length;
    [block, spare] = [spare, block];
  }
}

function knownSize({ manifest }: Source): number {
  return isOpenEnded(manifest) ? FRAME_CONTENT_BYTES : totalBytes(manifest);
}

function unexpected(): OnionferryError {
  return new OnionferryError('ERR_PROTOCOL', 'the recipient said something out of turn; try again');
}
