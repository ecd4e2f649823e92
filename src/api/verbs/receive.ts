import { OnionferryError } from '../../base/errors.js';
import { parseOnionAddress } from '../../onion/address.js';
import { DEFAULT_CURVE } from '../../pake/curves/curve-name.js';
import { type Invitation, looksLikeInvitation, parseInvitation } from '../../pake/invitation.js';
import { parsePassword } from '../../pake/password.js';
import {
  meetAsRecipient,
  type RecipientMeetingOptions,
} from '../../session/meeting/meet-as-recipient.js';
import type { Meeting } from '../../session/meeting/meeting.js';
import { CIRCUITS_DEFAULT_MAX, CIRCUITS_START } from '../../session/receiving/circuit-count.js';
import type { TransferSummary } from '../events.js';
import { type Handle, start, type Work } from '../handle.js';
import { openTor } from '../open-tor.js';
import { fetch } from '../receive-files.js';
import { type RelayHost, reachRelay } from '../relay-host.js';
import { type Option, type Settings, settle } from '../settings.js';
import { findInterrupted, resume } from './resume-receive.js';

/** Longer than it takes to reach a sender that is there. */
const SLOW_MS = 10_000;

/**
 * Fetches what a sender offers.
 *
 * @param from an invitation; or an onion address, with the password by `withPassword` and that of
 *   another's relay by `withRelay`
 */
export function receive(from: string, ...options: readonly Option[]): Handle<TransferSummary> {
  const settings = settle(options);
  const invitation = invitationOf(from, settings);
  return start((work) => run(invitation, settings, work), settings.signal);
}

function invitationOf(from: string, settings: Settings): Invitation {
  if (looksLikeInvitation(from)) {
    const invitation = parseInvitation(from);
    return { ...invitation, curve: settings.curve ?? invitation.curve };
  }
  const onion = parseOnionAddress(from);
  if (settings.password === undefined) {
    throw new OnionferryError('ERR_USAGE', 'an onion address needs its password as well');
  }
  const relayPassword = settings.relay?.password;
  return {
    onion,
    curve: settings.curve ?? DEFAULT_CURVE,
    password: parsePassword(settings.password),
    ...(relayPassword !== undefined && { relayPassword }),
  };
}

async function run(
  invitation: Invitation,
  settings: Settings,
  work: Work,
): Promise<TransferSummary> {
  const { onion, curve, password, relayPassword } = invitation;
  // The same invitation again after an interruption: the words were spent, and are not needed.
  const held = await findInterrupted({ onion, channel: password.access }, settings);
  if (held !== undefined) return await resume(held, settings, work);
  await using open = await openTor(settings, work);
  const { emit } = work;
  const { signal } = open;
  const access = relayPassword ?? password.access;
  await using place = reachRelay({ tor: open.tor, onion, password: access, settings, emit });
  return await open.outcome(receiveAt(place));

  async function receiveAt(place: RelayHost): Promise<TransferSummary> {
    const channel = password.access;
    const most = settings.circuits ?? CIRCUITS_DEFAULT_MAX;
    const meeting = await meet(
      {
        access: place.access,
        ...{ onion, channel, curve, signal },
        words: password.words,
        ahead: Math.min(most, CIRCUITS_START),
        aheadFar: invitation.size === 'large' ? Math.min(most, CIRCUITS_DEFAULT_MAX) : undefined,
        onPeer: (state) => emit({ event: 'peer', state }),
        onWaiting: (reason) => emit({ event: 'waiting', reason }),
      },
      emit,
    );
    // After a whole transfer it is the sender who ends the channel.
    try {
      return await fetch({
        ...{ place, onion, access, channel, curve, settings },
        resumption: meeting.keys.resumption,
        generation: 0,
        met: { meeting, generation: 0 },
        work: { emit, signal },
      });
    } catch (error) {
      await meeting.abandon();
      throw error;
    }
  }
}

/** Meets, and says so if that takes long: tor tries for minutes to reach what has just gone. */
async function meet(options: RecipientMeetingOptions, emit: Work['emit']): Promise<Meeting> {
  const slow = setTimeout(() => {
    emit({ event: 'waiting', reason: 'the sender has not answered yet' });
  }, SLOW_MS);
  try {
    return await meetAsRecipient(options);
  } finally {
    clearTimeout(slow);
  }
}
