import { untilAborted } from '../base/deadline.js';
import { hasCode, OnionferryError } from '../base/errors.js';
import type { Message } from '../stream/message.js';
import { abortReasonOf, PeerAbort } from './abort.js';
import { Heartbeat } from './heartbeat.js';
import type { SecureStream } from './secure-stream.js';

/** How long an end that gives up tries to say why: behind all that is still on its way. */
const LAST_WORD_MS = 5_000;

export interface Conversation<Result> {
  readonly stream: SecureStream;
  readonly signal?: AbortSignal | undefined;
  /** Takes the other side's messages in order; the next one waits until it is done. */
  readonly hear: (message: Message) => Promise<void> | void;
  /** Says this side's part; its result ends the conversation. */
  readonly speak: () => Promise<Result>;
}

/**
 * Runs both directions of a stream until this side's part is done, one of them fails, the other
 * side says that it gives up, or the signal aborts; in the last three cases the other side is told.
 */
export async function converse<Result>(conversation: Conversation<Result>): Promise<Result> {
  const { stream, signal, hear, speak } = conversation;
  const silence = new AbortController();
  using heartbeat = new Heartbeat({
    beat: () => {
      stream.send({ frame: 'control', control: { type: 'alive' } }).catch(() => undefined);
    },
    onSilence: (error) => silence.abort(error),
  });
  const either = AbortSignal.any([silence.signal, ...(signal === undefined ? [] : [signal])]);

  async function listen(): Promise<never> {
    for await (const message of stream.messages()) {
      heartbeat.rest();
      if (message.frame === 'control' && message.control.type === 'abort') {
        throw new PeerAbort(message.control.reason);
      }
      if (message.frame !== 'control' || message.control.type !== 'alive') await hear(message);
      heartbeat.listen();
    }
    throw new OnionferryError('ERR_PEER_GONE', 'the other side went away before the end');
  }

  const listening = listen();
  const speaking = speak();
  // Whichever loses the race may fail later, when the stream is taken from under it.
  listening.catch(() => undefined);
  speaking.catch(() => undefined);
  try {
    return await untilAborted(Promise.race([speaking, listening]), either);
  } catch (error) {
    if (!hasCode(error, 'ERR_PEER_GONE')) await lastWord(stream, error);
    stream.destroy();
    throw error;
  }
}

/** Ends with the reason, and waits until the other side has heard it and goes too. */
async function lastWord(stream: SecureStream, error: unknown): Promise<void> {
  const reason = abortReasonOf(error);
  const said = stream.send({ frame: 'control', control: { type: 'abort', reason } });
  const timer = new AbortController();
  const timeout = setTimeout(() => timer.abort(), LAST_WORD_MS);
  await untilAborted(
    said.then(() => stream.hangUp()),
    timer.signal,
  ).catch(() => undefined);
  clearTimeout(timeout);
}
