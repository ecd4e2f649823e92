import { type Bytes, concat, fromUtf8 } from '../base/bytes.js';
import { type Deferred, deferred } from '../base/deferred.js';
import { asOnionferryError, OnionferryError } from '../base/errors.js';
import { FRAME_CONTENT_BYTES } from '../stream/frame.js';
import { MANIFEST_MAX_BYTES, type Manifest, parseManifest } from '../stream/manifest.js';
import type { Control, Message } from '../stream/message.js';
import { converse } from './converse.js';
import type { Meeting } from './meeting/meeting.js';
import { overStream } from './over-stream.js';
import type { Destination, ReceivedFile } from './destination/destination.js';
import type { SecureStream } from './secure-stream.js';

/** The sender is told how much is written at least this often, while something is. */
const RECEIVED_EVERY_MS = 250;
/** Data frames that may be on their way to the disk while more are received. */
const WRITES_AHEAD = 8;
/** How long the recipient waits for the sender to say that it has the receipt. */
const FAREWELL_MS = 10_000;

export interface ReceiveTransferOptions {
  readonly meeting: Meeting;
  readonly signal?: AbortSignal | undefined;
  /**
   * Decides on the offer and says where it goes.
   *
   * @throws OnionferryError ERR_REFUSED to decline
   */
  readonly accept: (manifest: Manifest) => Promise<Destination>;
  /** Bytes verified and written. */
  readonly onReceived?: (bytes: number) => void;
}

export interface ReceivedTransfer {
  readonly bytes: number;
  readonly files: readonly ReceivedFile[];
  readonly warnings: readonly string[];
}

/**
 * Takes an offer over an established meeting and receives it.
 *
 * Resolves when everything is verified, on disk and under its final name; if it does not come to
 * that, nothing is left behind.
 *
 * @throws OnionferryError ERR_PEER_GONE, ERR_STREAM, ERR_PROTOCOL, ERR_DESTINATION, ERR_REFUSED,
 *   ERR_HOSTILE_NAME, ERR_CONFLICT
 */
export async function receiveTransfer(options: ReceiveTransferOptions): Promise<ReceivedTransfer> {
  const { meeting, signal } = options;
  return await overStream(meeting, signal, (stream, begun) => take(stream, begun, options));
}

async function take(
  stream: SecureStream,
  begun: () => void,
  options: ReceiveTransferOptions,
): Promise<ReceivedTransfer> {
  const receiving = new Receiving(stream, begun, options);
  try {
    return await converse({
      stream,
      signal: options.signal,
      hear: (message) => receiving.hear(message),
      speak: () => receiving.farewell.promise,
    });
  } catch (error) {
    // Everything is on disk; that the sender went without a farewell changes nothing here.
    if (receiving.complete !== undefined) return receiving.complete;
    throw error;
  } finally {
    receiving.close();
    await receiving.destination?.discard();
  }
}

class Receiving {
  readonly farewell: Deferred<ReceivedTransfer> = deferred();
  destination: Destination | undefined;
  complete: ReceivedTransfer | undefined;
  readonly #stream: SecureStream;
  readonly #begun: () => void;
  readonly #options: ReceiveTransferOptions;
  readonly #manifestParts: Bytes[] = [];
  #manifestBytes = 0;
  readonly #writes: Promise<void>[] = [];
  /** Length of the content that has come, and of that which is written. */
  #taken = 0;
  #received = 0;
  #told = 0;
  #toldAt = 0;
  #leaving: NodeJS.Timeout | undefined;

  constructor(stream: SecureStream, begun: () => void, options: ReceiveTransferOptions) {
    this.#stream = stream;
    this.#begun = begun;
    this.#options = options;
  }

  async hear(message: Message): Promise<void> {
    switch (message.frame) {
      case 'manifest':
        await this.#takeManifest(message.part, message.last);
        break;
      case 'data':
        await this.#takeContent(message.position, message.content);
        break;
      case 'control':
        await this.#takeControl(message.control);
        break;
    }
  }

  close(): void {
    clearTimeout(this.#leaving);
  }

  async #takeManifest(part: Bytes, last: boolean): Promise<void> {
    this.#manifestBytes += part.length;
    // Only the last part is short: empty ones could go on for ever.
    const isWhole = last || part.length === FRAME_CONTENT_BYTES;
    const isTooLong = this.#manifestBytes > MANIFEST_MAX_BYTES;
    if (this.destination !== undefined || !isWhole || isTooLong) throw unexpected();
    this.#manifestParts.push(part);
    if (!last) return;
    const manifest = readManifest(concat(...this.#manifestParts.splice(0)));
    this.#begun();
    this.destination = await this.#options.accept(manifest);
    await this.#say({ type: 'accept' });
  }

  async #takeContent(position: number, content: Bytes): Promise<void> {
    // One stream carries everything in order.
    if (this.destination === undefined || position !== this.#taken) throw unexpected();
    this.#taken += content.length;
    if (this.#writes.length >= WRITES_AHEAD) await this.#writes.shift();
    const writing = this.destination
      .write(position, content)
      .then(() => this.#countReceived(content.length));
    // Awaited with a later frame or the end, which may never come: a failure ends it at once.
    writing.catch((error: unknown) => this.farewell.reject(asError(error)));
    this.#writes.push(writing);
  }

  async #countReceived(bytes: number): Promise<void> {
    this.#received += bytes;
    this.#options.onReceived?.(this.#received);
    const now = performance.now();
    if (now - this.#toldAt >= RECEIVED_EVERY_MS) {
      this.#toldAt = now;
      await this.#tellReceived();
    }
  }

  async #takeControl(control: Control): Promise<void> {
    if (control.type === 'end' && this.destination !== undefined && this.complete === undefined) {
      await Promise.all(this.#writes.splice(0));
      if (control.total !== this.#received) throw unexpected();
      if (this.#told !== this.#received) await this.#tellReceived();
      const { files, warnings } = await this.destination.finish(control.total);
      this.complete = { bytes: control.total, files, warnings };
      await this.#say({ type: 'receipt', bytes: control.total, files: files.length });
      const { complete } = this;
      this.#leaving = setTimeout(() => this.farewell.resolve(complete), FAREWELL_MS);
    } else if (control.type === 'farewell' && this.complete !== undefined) {
      this.farewell.resolve(this.complete);
    } else {
      throw unexpected();
    }
  }

  async #tellReceived(): Promise<void> {
    this.#told = this.#received;
    await this.#say({ type: 'received', bytes: this.#received });
  }

  async #say(control: Control): Promise<void> {
    await this.#stream.send({ frame: 'control', control });
  }
}

function asError(error: unknown): OnionferryError {
  return asOnionferryError(error, 'ERR_DESTINATION', 'what came could not be written');
}

function readManifest(json: Bytes): Manifest {
  try {
    return parseManifest(JSON.parse(fromUtf8(json)));
  } catch (cause) {
    throw new OnionferryError(
      'ERR_PROTOCOL',
      'the sender made an offer that this version does not understand; update both sides',
      { cause },
    );
  }
}

function unexpected(): OnionferryError {
  return new OnionferryError('ERR_PROTOCOL', 'the sender said something out of turn; try again');
}
