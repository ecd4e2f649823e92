import { untilAborted } from '../../base/deadline.js';
import { hasCourse, isPassing, isResumable, OnionferryError } from '../../base/errors.js';
import type { Message } from '../../stream/message.js';
import { lastWordOf, PeerAbort, PeerAway } from '../../stream/peer-abort.js';
import type { SecureStream } from './secure-stream.js';
import type { TamperingLimit } from './tampering-limit.js';

/** A side with nothing to say sends a keepalive this often. */
const KEEPALIVE_MS = 5_000;
/** A side that is silent for longer is gone: six keepalives, or one on a very slow circuit. */
const SILENCE_MAX_MS = 30_000;
/** How long an end that goes tries to say why: behind all that is still on its way. */
const LAST_WORD_MS = 5_000;

export interface Conversation<Result> {
  readonly stream: SecureStream;
  readonly signal: AbortSignal;
  readonly tampering: TamperingLimit;
  /** Takes the other side's messages in order; the next one waits until it is done. */
  readonly hear: (message: Message) => Promise<void> | void;
  /** Says this side's part; its result ends the conversation. `over` aborts when that has ended. */
  readonly speak: (over: AbortSignal) => Promise<Result>;
}

/**
 * Runs both directions of a stream until this side's part is done, one of them fails, the other
 * side says that it goes, or the signal aborts. What ends more than a connection is told to the
 * other side.
 */
export async function converse<Result>(conversation: Conversation<Result>): Promise<Result> {
  const { stream, signal, tampering, hear, speak } = conversation;
  const over = new AbortController();
  const either = AbortSignal.any([over.signal, signal]);
  let heardAt = performance.now();
  // While this side does not listen, because a person is asked or a disk syncs, nothing can be heard.
  let isListening = true;
  const beating = setInterval(() => {
    // A stream that takes no messages any more is noticed by the side that reads it.
    stream.send({ frame: 'control', control: { type: 'keepalive' } }).catch(() => undefined);
    if (isListening && performance.now() - heardAt > SILENCE_MAX_MS) over.abort(silent());
  }, KEEPALIVE_MS);

  async function listen(): Promise<never> {
    for await (const message of stream.messages()) {
      isListening = false;
      if (message.frame === 'control') {
        const { control } = message;
        if (control.type === 'abort') throw new PeerAbort(control.reason, stream.otherSide);
        if (control.type === 'away') throw new PeerAway(control.reason, stream.otherSide);
      }
      if (message.frame !== 'control' || message.control.type !== 'keepalive') await hear(message);
      heardAt = performance.now();
      isListening = true;
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
    tampering.note(error);
    const isOver = !isResumable(error) || !tampering.tolerates(error);
    const isTold = isOver ? !hasCourse(error, 'peer-ended') : hasCourse(error, 'resumable');
    if (isTold) await lastWord(stream, error);
    stream.destroy();
    throw error;
  } finally {
    clearInterval(beating);
    over.abort(new OnionferryError('ERR_PEER_GONE', 'the stream has ended'));
  }
}

/** Ends with the reason, and waits until the other side has heard it and goes too. */
async function lastWord(stream: SecureStream, error: unknown): Promise<void> {
  await stream.sendLast({ frame: 'control', control: lastWordOf(error) }, LAST_WORD_MS);
}

function silent(): OnionferryError {
  return new OnionferryError('ERR_PEER_GONE', 'the other side has stopped answering; try again');
}

/** Whether what ended one stream ends all of them: it is no matter of that one connection. */
export function endsSession(error: unknown, tampering: TamperingLimit): boolean {
  return !isPassing(error) || !tampering.tolerates(error) || error instanceof PeerAway;
}

/** What a session throws when the other side says what it may not say now. */
export function outOfTurn(): OnionferryError {
  return new OnionferryError(
    'ERR_PROTOCOL',
    'the other side said something out of turn; try again',
  );
}
