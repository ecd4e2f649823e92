import * as v from 'valibot';
import { type Bytes, concat, utf8 } from '../base/bytes.js';
import { OnionferryError } from '../base/errors.js';
import type { ByteChannel } from '../stream/byte-channel.js';
import { elsewhereIn } from './elsewhere.js';
import { errorOf, jsonOf, wireErrorSchema } from './refusal.js';
import { STREAM_LINE_MAX_BYTES, type StreamHello } from './wire.js';

const LINE_FEED = 0x0a;

const okSchema = v.strictObject({ ok: v.literal(true) });

/** The first line on the stream port. */
export function encodeHello(hello: StreamHello): Bytes {
  return utf8(`${JSON.stringify(hello)}\n`);
}

/**
 * A connection to a relay over which the hello was sent. It may be written to at once; the first
 * read waits for the relay's answer, which comes when the other side is there, and rejects with the
 * relay's refusal.
 */
export class AnsweredChannel implements ByteChannel {
  readonly #channel: ByteChannel;
  #answering: Promise<void> | undefined;
  /** What came behind the answer. */
  #rest: Uint8Array | undefined;

  constructor(channel: ByteChannel) {
    this.#channel = channel;
  }

  get closed(): Promise<void> {
    return this.#channel.closed;
  }

  write(parts: readonly Bytes[]): Promise<void> {
    return this.#channel.write(parts);
  }

  async read(): Promise<Uint8Array | undefined> {
    this.#answering ??= this.#readAnswer();
    await this.#answering;
    const rest = this.#rest;
    if (rest === undefined) return await this.#channel.read();
    this.#rest = undefined;
    return rest;
  }

  end(): void {
    this.#channel.end();
  }

  destroy(): void {
    this.#channel.destroy();
  }

  async #readAnswer(): Promise<void> {
    let line: Bytes = new Uint8Array();
    for (let end = -1; end < 0; end = line.indexOf(LINE_FEED)) {
      if (line.length > STREAM_LINE_MAX_BYTES) throw this.#fail(notARelay());
      const piece = await this.#channel.read();
      if (piece === undefined) {
        const sentence = 'the stream broke before the other side came';
        throw this.#fail(new OnionferryError('ERR_PEER_GONE', sentence));
      }
      line = concat(line, piece);
    }
    const end = line.indexOf(LINE_FEED);
    if (end > STREAM_LINE_MAX_BYTES) throw this.#fail(notARelay());
    const refusal = refusalIn(line.subarray(0, end));
    if (refusal !== undefined) throw this.#fail(refusal);
    if (end + 1 < line.length) this.#rest = line.subarray(end + 1);
  }

  #fail(error: OnionferryError): OnionferryError {
    this.#channel.destroy();
    return error;
  }
}

function refusalIn(line: Bytes): OnionferryError | undefined {
  const text = new TextDecoder().decode(line);
  const answer = jsonOf(text);
  if (v.is(okSchema, answer)) return undefined;
  const refusal = v.safeParse(wireErrorSchema, answer);
  if (refusal.success) return errorOf(refusal.output.error.code);
  return elsewhereIn(text) === undefined ? notARelay() : hasMoved();
}

/** Its participant is asked about where it joined; so that backend has lost the channel since. */
function hasMoved(): OnionferryError {
  return new OnionferryError('ERR_PEER_GONE', 'the channel is at another machine of the relay now');
}

function notARelay(): OnionferryError {
  return new OnionferryError('ERR_PROTOCOL', 'what answers there is not an onionferry relay');
}
