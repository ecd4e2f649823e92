import { onTestFinished } from 'vitest';
import { untilAborted } from '../../../src/base/deadline.js';
import { type Deferred, deferred } from '../../../src/base/deferred.js';
import { silentLogger } from '../../../src/base/logger.js';
import type { SecureStream } from '../../../src/session/conversation/secure-stream.js';
import type { SessionOptions } from '../../../src/session/conversation/session-streams.js';
import { StallWatch } from '../../../src/session/conversation/stall-watch.js';
import { TamperingLimit } from '../../../src/session/conversation/tampering-limit.js';
import type { Meeting } from '../../../src/session/meeting/meeting.js';
import type { Control, Message } from '../../../src/stream/message.js';
import { ends } from './ends.js';

const none = new Uint8Array(32);

/** One stream, as the other side has it. */
export interface FarEnd {
  readonly stream: SecureStream;
  /** What came over it, but for signs of life. */
  readonly heard: Message[];
  readonly say: (control: Control) => Promise<void>;
  /** From now on says of all that has come that it is written. */
  readonly acknowledges: () => void;
  /** Whether it has ended. */
  hasEnded: boolean;
}

/** The other side of a meeting, which says what the test wants. */
export interface OtherSide {
  readonly meeting: Meeting;
  /** Numbers that were asked for, in order. */
  readonly opened: number[];
  /** It opens a stream too. */
  readonly comes: (number: number) => Promise<FarEnd>;
  readonly options: SessionOptions;
  readonly ending: AbortController;
}

export function otherSide(
  role: 'sender' | 'recipient',
  { hasAgreed = false, ...more }: { hasAgreed?: boolean } & Partial<SessionOptions> = {},
): OtherSide {
  const opened: number[] = [];
  const coming = new Map<number, Deferred<SecureStream>>();
  const slot = (number: number): Deferred<SecureStream> => {
    const known = coming.get(number) ?? deferred<SecureStream>();
    coming.set(number, known);
    return known;
  };
  const meeting: Meeting = {
    channel: 'test',
    keys: {
      ...{ confirmation: none, confirmationHash: none, agreement: none, agreementHash: none },
      ...{ stream: none, resumption: none, verification: none },
    },
    hasAgreed,
    dialMs: undefined,
    openStream: async (number, { signal } = {}) => {
      opened.push(number);
      return await untilAborted(slot(number).promise, signal);
    },
    releaseAhead: () => undefined,
    abandon: () => Promise.resolve(),
  };
  const comes = async (number: number): Promise<FarEnd> => {
    const both = await ends(undefined, number);
    const [near, stream] =
      role === 'sender' ? [both.recipient, both.sender] : [both.sender, both.recipient];
    let acknowledges = false;
    const say = (control: Control): Promise<void> => stream.send({ frame: 'control', control });
    const acknowledge = (): void => {
      const frames = end.heard.filter(({ frame }) => frame === 'data').length;
      if (acknowledges && frames > 0) say({ type: 'ack', frames }).catch(() => undefined);
    };
    const end: FarEnd = {
      ...{ stream, heard: [], hasEnded: false, say },
      acknowledges: () => {
        acknowledges = true;
        acknowledge();
      },
    };
    const listen = async (): Promise<void> => {
      for await (const message of stream.messages()) {
        const type = message.frame === 'control' ? message.control.type : undefined;
        if (type === 'keepalive') continue;
        end.heard.push(message);
        if (message.frame === 'data') acknowledge();
        // As an honest side that has heard the last word.
        if (type === 'abort' || type === 'away' || type === 'receipt-ack') break;
      }
    };
    const ended = (): void => {
      end.hasEnded = true;
      stream.destroy();
    };
    listen().then(ended, ended);
    slot(number).resolve(near);
    return end;
  };
  const ending = new AbortController();
  onTestFinished(() => ending.abort(new Error('the test is over')));
  const options: SessionOptions = {
    circuits: undefined,
    tampering: new TamperingLimit(),
    stall: new StallWatch({ what: () => 'nothing', maxMs: undefined, onStalled: undefined }),
    logger: silentLogger,
    signal: ending.signal,
    onStreams: () => undefined,
    ...more,
  };
  return { meeting, opened, comes, options, ending };
}

/** The kinds of what was said, in order. */
export function kinds(heard: readonly Message[]): string[] {
  return heard.map((message) =>
    message.frame === 'control' ? message.control.type : message.frame,
  );
}
