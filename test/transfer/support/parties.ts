import { createIdentity } from '../../../src/onion/identity.js';
import type { CurveName } from '../../../src/pake/curves/curve-name.js';
import type { RelayAccess } from '../../../src/relay/access.js';
import { createGuessLimit, type GuessLimit } from '../../../src/transfer/meeting/guess-limit.js';
import { meetAsRecipient } from '../../../src/transfer/meeting/meet-as-recipient.js';
import type { Meeting, PeerState } from '../../../src/transfer/meeting/meeting.js';
import {
  openSenderChannel,
  type SenderChannel,
} from '../../../src/transfer/meeting/sender-channel.js';

export const ONION = createIdentity().address;
export const CHANNEL = 'front-door';
export const WORDS = 'three-good-words';

interface Common {
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
  options: Common & { turnDeadlineMs?: number } = {},
): Promise<Meeting> {
  const { words = WORDS, curve = 'p256', ...rest } = options;
  return await meetAsRecipient({ access, ...place, words, curve, ...rest });
}
