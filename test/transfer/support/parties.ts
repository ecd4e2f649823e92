import { onTestFinished } from 'vitest';
import { createIdentity } from '../../../src/onion/identity.js';
import type { CurveName } from '../../../src/pake/curves/curve-name.js';
import type { RelayAccess } from '../../../src/relay/access.js';
import { createGuessLimit, type GuessLimit } from '../../../src/transfer/meeting/guess-limit.js';
import { meetAsRecipient } from '../../../src/transfer/meeting/meet-as-recipient.js';
import type { Meeting, PeerState } from '../../../src/transfer/meeting/meeting.js';
import {
  recipientReunion,
  type RecipientReunionOptions,
} from '../../../src/transfer/meeting/recipient-reunion.js';
import type { Reunion, ReunionOptions } from '../../../src/transfer/meeting/reunion.js';
import {
  openSenderChannel,
  type SenderChannel,
} from '../../../src/transfer/meeting/sender-channel.js';
import { senderReunion } from '../../../src/transfer/meeting/sender-reunion.js';

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
  access: RelayAccess,
  options: Common & { guesses?: GuessLimit } = {},
): Promise<SenderChannel> {
  const { words = WORDS, curve = 'p256', guesses = createGuessLimit(), signal, ...rest } = options;
  const call = signal === undefined ? {} : { signal };
  return await openSenderChannel({ access, ...place, words, curve, guesses, ...rest }, call);
}

export async function recipientAt(
  access: RelayAccess,
  options: Common & {
    turnDeadlineMs?: number;
    ahead?: number;
    aheadFar?: number;
    aheadMs?: number;
  } = {},
): Promise<Meeting> {
  const { words = WORDS, curve = 'p256', ...rest } = options;
  return await meetAsRecipient({ access, ...place, words, curve, ...rest });
}

/** What both sides keep of the meeting by the words, when nobody is interested in that. */
export const RESUMPTION: Uint8Array = Uint8Array.from({ length: 32 }, (_, i) => 7 * i);

type Again = Partial<Omit<ReunionOptions, 'access'>>;

const again = { onion: ONION, curve: 'p256', resumption: RESUMPTION, generation: 0 } as const;

/** The sender's way to meet again; closed after the test. */
export function senderAgain(
  access: RelayAccess,
  options: Again & { current?: Meeting } = {},
): Reunion {
  return closedAfterwards(senderReunion({ access, ...again, ...options }));
}

/** The recipient's way to meet again; closed after the test. */
export function recipientAgain(
  access: RelayAccess,
  options: Again & Partial<Omit<RecipientReunionOptions, keyof ReunionOptions>> = {},
): Reunion {
  return closedAfterwards(recipientReunion({ access, ...again, ...options }));
}

function closedAfterwards(reunion: Reunion): Reunion {
  onTestFinished(() => reunion.close());
  return reunion;
}
