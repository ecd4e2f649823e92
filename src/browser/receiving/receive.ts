import { sha256 } from '@noble/hashes/sha2.js';
import { type Bytes, toBase64Url } from '../../base/bytes.js';
import { sleep } from '../../base/deadline.js';
import { type Deferred, deferred } from '../../base/deferred.js';
import { asOnionferryError, OnionferryError } from '../../base/errors.js';
import { beginSession } from '../../session/conversation/begin-session.js';
import { webInflate } from '../../stream/deflate.js';
import type { Manifest } from '../../stream/manifest.js';
import { ManifestParts, readManifest } from '../../stream/manifest-parts.js';
import type { Control, Message } from '../../stream/message.js';
import type { MeetAgain } from '../channel/meet-again.js';
import type { PageMeeting } from '../channel/meeting.js';
import { isBroken } from '../stream/broken.js';
import { converse } from '../stream/converse.js';
import type { SecureStream } from '../stream/secure-stream.js';
import { Assembly } from './assembly.js';
import { Confirmations } from './confirmations.js';

/** How long a page that has everything waits for the sender to say that it knows. */
const RECEIPT_ACK_MS = 10_000;

export interface ReceiveOptions {
  readonly meeting: PageMeeting;
  readonly meetAgain: MeetAgain;
  readonly signal: AbortSignal;
  /** Asks the person. @throws OnionferryError ERR_REFUSED to decline */
  readonly decide: (manifest: Manifest) => Promise<void>;
  readonly onBytes: (bytes: number) => void;
  /** The connection is lost, or stands again. */
  readonly onAway: (isAway: boolean) => void;
  /** Everything was verified; the sender gets its receipt when this is done. */
  readonly onWhole: (received: Received) => Promise<void> | void;
}

export interface Received {
  readonly manifest: Manifest;
  /** By index in the manifest's entries */
  readonly files: ReadonlyMap<number, Blob>;
}

/**
 * Takes an offer over a meeting, over one stream at a time, through as many meetings as it takes.
 *
 * @throws OnionferryError ERR_PEER_GONE, ERR_STREAM (changed on its way), ERR_PROTOCOL, ERR_REFUSED
 */
export async function receive(options: ReceiveOptions): Promise<Received> {
  return await new Receiving(options).run();
}

interface Offer {
  readonly manifest: Manifest;
  readonly digest: string;
  readonly assembly: Assembly;
}

class Receiving {
  readonly #options: ReceiveOptions;
  readonly #whole: Deferred<Received> = deferred();
  #offer: Offer | undefined;
  #received: Received | undefined;
  #hasBegun = false;

  constructor(options: ReceiveOptions) {
    this.#options = options;
    this.#whole.promise.catch(() => undefined);
  }

  async run(): Promise<Received> {
    const { signal, meetAgain, onAway } = this.#options;
    let { meeting } = this.#options;
    for (let generation = 0; ; ) {
      try {
        return await this.#session(meeting, generation);
      } catch (error) {
        signal.throwIfAborted();
        // That the sender went without a farewell changes nothing here.
        if (this.#received !== undefined) return this.#received;
        if (!isBroken(error) || !this.#hasBegun) throw error;
      } finally {
        void meeting.leave();
      }
      onAway(true);
      ({ meeting, generation } = await meetAgain(generation, signal));
      onAway(false);
    }
  }

  async #session(meeting: PageMeeting, generation: number): Promise<Received> {
    this.#hasBegun = false;
    let received: Received | undefined;
    let failure: OnionferryError | undefined;
    await beginSession({
      serve: async (number) => {
        try {
          received = await this.#serve(meeting, number, generation);
        } catch (error) {
          if (!isBroken(error)) throw error;
          failure = error;
        }
        return failure;
      },
      hasBegun: () => this.#hasBegun,
      signal: this.#options.signal,
    });
    this.#options.signal.throwIfAborted();
    if (received !== undefined) return received;
    throw failure ?? new OnionferryError('ERR_PEER_GONE', 'the connection to the sender broke');
  }

  async #serve(meeting: PageMeeting, number: number, generation: number): Promise<Received> {
    const { signal } = this.#options;
    const stream = await meeting.openStream(number, signal);
    const confirmations = new Confirmations(stream);
    const parts = new ManifestParts();
    const receiptAck = deferred<undefined>();
    try {
      return await converse({
        stream,
        signal,
        hear: (message) => this.#hear({ stream, confirmations, parts, receiptAck }, message),
        speak: async (over) => {
          if (generation > 0) await this.#sayWhatIsThere(stream);
          const whole = await this.#whole.promise;
          const { assembly } = this.#offer ?? { assembly: undefined };
          const bytes = assembly?.bytes ?? 0;
          await say(stream, { type: 'receipt', bytes, files: whole.files.size });
          await Promise.race([receiptAck.promise, sleep(RECEIPT_ACK_MS, over)]);
          return whole;
        },
      });
    } finally {
      confirmations.end();
    }
  }

  /** In a later meeting the recipient begins: with what it has, or with nothing. */
  async #sayWhatIsThere(stream: SecureStream): Promise<void> {
    if (this.#offer === undefined) await say(stream, { type: 'manifest-request' });
    else await this.#accept(stream, this.#offer);
  }

  async #hear(
    during: {
      readonly stream: SecureStream;
      readonly confirmations: Confirmations;
      readonly parts: ManifestParts;
      readonly receiptAck: Deferred<undefined>;
    },
    message: Message,
  ): Promise<void> {
    const { stream, confirmations, parts, receiptAck } = during;
    switch (message.frame) {
      case 'manifest':
        if (this.#offer !== undefined) throw unexpected();
        await this.#takeManifest(stream, parts.take(message.part, message.last));
        break;
      case 'data':
        if (this.#offer === undefined) throw unexpected();
        this.#offer.assembly.take(message.position, message.content);
        confirmations.taken();
        this.#options.onBytes(this.#offer.assembly.bytes);
        await this.#finishIfWhole(this.#offer);
        break;
      case 'control':
        if (message.control.type === 'receipt-ack') receiptAck.resolve(undefined);
        else await this.#hearControl(message.control);
        break;
      default:
        throw unexpected();
    }
  }

  async #hearControl(control: Control): Promise<void> {
    // A page has one stream, whatever the sender's user wants.
    if (control.type === 'stream-limit') return;
    if (control.type !== 'content-end' || this.#offer === undefined) throw unexpected();
    this.#offer.assembly.end(control.total);
    await this.#finishIfWhole(this.#offer);
  }

  async #takeManifest(stream: SecureStream, deflated: Bytes | undefined): Promise<void> {
    if (deflated === undefined) return;
    const { manifest, json } = await readManifest(deflated, webInflate);
    this.#hasBegun = true;
    await this.#options.decide(manifest);
    const offer = {
      manifest,
      digest: toBase64Url(sha256(json)),
      assembly: new Assembly(manifest),
    };
    this.#offer = offer;
    await this.#accept(stream, offer);
  }

  async #accept(stream: SecureStream, { digest, assembly }: Offer): Promise<void> {
    this.#hasBegun = true;
    const { had } = assembly;
    if (had.bytes > 0) await stream.send({ frame: 'have', ranges: had });
    await say(stream, { type: 'accept', manifest: digest });
    if (this.#offer !== undefined) await this.#finishIfWhole(this.#offer);
  }

  async #finishIfWhole({ manifest, assembly }: Offer): Promise<void> {
    if (!assembly.isWhole || this.#received !== undefined) return;
    this.#received = { manifest, files: assembly.files() };
    try {
      await this.#options.onWhole(this.#received);
      this.#whole.resolve(this.#received);
    } catch (error) {
      this.#received = undefined;
      throw asOnionferryError(error, 'ERR_DESTINATION', 'the browser did not keep what came');
    }
  }
}

async function say(stream: SecureStream, control: Control): Promise<void> {
  await stream.send({ frame: 'control', control });
}

function unexpected(): OnionferryError {
  return new OnionferryError('ERR_PROTOCOL', 'the sender said something out of turn; try again');
}
