import { untilAborted } from '../base/deadline.js';
import { hasCourse, isResumable, OnionferryError } from '../base/errors.js';
import type { Message } from '../stream/message.js';
import { PeerAbort } from '../stream/peer-abort.js';
import { abortReasonOf } from './abort.js';
import { Heartbeat } from './heartbeat.js';
import type { SecureStream } from './secure-stream.js';

/** How long an end that gives up tries to say why: behind all that is still on its way. */
const LAST_WORD_MS = 5_000;

export interface Conversation<Result> {
  readonly stream: SecureStream;
  readonly signal: AbortSignal;
  /** Takes the other side's messages in order; the next one waits until it is done. */
  readonly hear: (message: Message) => Promise<void> | void;
  /** Says this side's part; its result ends the conversation. `over` aborts when that has ended. */
  readonly speak: (over: AbortSignal) => Promise<Result>;
}

/**
 * Runs both directions of a stream until this side's part is done, one of them fails, the other
 * side says that it gives up, or the signal aborts. What ends more than a connection is told to the
 * other side.
 */
export async function converse<Result>(conversation: Conversation<Result>): Promise<Result> {
  const { stream, signal, hear, speak } = conversation;
  const over = new AbortController();
  using heartbeat = new Heartbeat({
    beat: () => {
      stream.send({ frame: 'control', control: { type: 'keepalive' } }).catch(() => undefined);
    },
    onSilence: (error) => over.abort(error),
  });
  const either = AbortSignal.any([over.signal, signal]);

  async function listen(): Promise<never> {
    for await (const message of stream.messages()) {
      heartbeat.rest();
      if (message.frame === 'control' && message.control.type === 'abort') {
        throw new PeerAbort(message.control.reason);
      }
      if (message.frame !== 'control' || message.control.type !== 'keepalive') await hear(message);
      heartbeat.listen();
    }
    throw new OnionferryError('ERR_PEER_GONE', 'the other side went away before the end');
  }

  const listening = listen();
  const speaking = speak(either);
  // Whichever loses the race may fail later, when the stream is taken from under it.
  listening.catch(() => undefined);
  speaking.catch(() => undefined);
  try {
    return await untilAborted(Promise.race([speaking, listening]), either);
  } catch (error) {
    if (!isResumable(error) && !hasCourse(error, 'peer-ended')) await lastWord(stream, error);
    stream.destroy();
    throw error;
  } finally {
    over.abort(new OnionferryError('ERR_PEER_GONE', 'the stream has ended'));
  }
}

/** Ends with the reason, and waits until the other side has heard it and goes too. */
async function lastWord(stream: SecureStream, error: unknown): Promise<void> {
  const reason = abortReasonOf(error);
  await stream.sendLast({ frame: 'control', control: { type: 'abort', reason } }, LAST_WORD_MS);
}
