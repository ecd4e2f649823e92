import { onTestFinished } from 'vitest';
import { createIdentity } from '../../../src/onion/identity.js';
import type { CurveName } from '../../../src/pake/curves/curve-name.js';
import type { RelayClient } from '../../../src/relay-protocol/relay-client.js';
import { createGuessLimit, type GuessLimit } from '../../../src/session/meeting/guess-limit.js';
import type { Meeting, PeerState } from '../../../src/session/meeting/meeting.js';
import { meetAsRecipient } from '../../../src/session/meeting/recipient-meeting.js';
import {
  openSenderChannel,
  type SenderChannel,
} from '../../../src/session/meeting/sender-meeting.js';
import {
  type RecipientReconnectOptions,
  recipientReconnect,
} from '../../../src/session/reconnecting/recipient-reconnect.js';
import type { Reconnect, ReconnectOptions } from '../../../src/session/reconnecting/reconnect.js';
import { senderReconnect } from '../../../src/session/reconnecting/sender-reconnect.js';
import { nodePrimitives } from '../../../src/transfer/node-primitives.js';

export const ONION = createIdentity().address;
export const CHANNEL = 'front-door';
export const WORDS = 'three-good-words';

interface Common {
  readonly channel?: string;
  readonly words?: string;
  readonly curve?: CurveName;
  readonly signal?: AbortSignal;
  readonly onPeer?: (state: PeerState) => void;
  readonly onWaiting?: (reason: string) => void;
  readonly establishMs?: number;
  readonly waitMs?: number;
}

const place = { onion: ONION, channel: CHANNEL };

export async function senderAt(
  access: RelayClient,
  options: Common & { guesses?: GuessLimit } = {},
): Promise<SenderChannel> {
  const { words = WORDS, curve = 'p256', guesses = createGuessLimit(), signal, ...rest } = options;
  const call = signal === undefined ? {} : { signal };
  return await openSenderChannel(
    { relay: access, primitives: nodePrimitives, ...place, words, curve, guesses, ...rest },
    call,
  );
}

export async function recipientAt(
  access: RelayClient,
  options: Common & {
    turnDeadlineMs?: number;
    judgedMaxMs?: number;
    agrees?: boolean;
    ahead?: number;
    aheadFar?: number;
    aheadMs?: number;
  } = {},
): Promise<Meeting> {
  const { words = WORDS, curve = 'p256', ...rest } = options;
  return await meetAsRecipient({
    relay: access,
    primitives: nodePrimitives,
    ...place,
    words,
    curve,
    ...rest,
  });
}

/** What both sides keep of the meeting by the words, when nobody is interested in that. */
export const RESUMPTION: Uint8Array = Uint8Array.from({ length: 32 }, (_, i) => 7 * i);

type Again = Partial<Omit<ReconnectOptions, 'relay' | 'primitives'>>;

const again = { onion: ONION, curve: 'p256', resumption: RESUMPTION, generation: 0 } as const;

/** The sender's way to meet again; closed after the test. */
export function senderAgain(
  access: RelayClient,
  options: Again & { current?: Meeting } = {},
): Reconnect {
  return closedAfterwards(
    senderReconnect({ relay: access, primitives: nodePrimitives, ...again, ...options }),
  );
}

/** The recipient's way to meet again; closed after the test. */
export function recipientAgain(
  access: RelayClient,
  options: Again & Partial<Omit<RecipientReconnectOptions, keyof ReconnectOptions>> = {},
): Reconnect {
  return closedAfterwards(
    recipientReconnect({ relay: access, primitives: nodePrimitives, ...again, ...options }),
  );
}

function closedAfterwards(reconnect: Reconnect): Reconnect {
  onTestFinished(() => reconnect.close());
  return reconnect;
}
