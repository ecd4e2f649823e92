import { hasCode } from '../../base/errors.js';
import { parseOnionAddress } from '../../onion/address.js';
import { DEFAULT_CURVE } from '../../pake/curves/curve-name.js';
import { type Invitation, looksLikeInvitation, readInvitation } from '../../pake/invitation.js';
import { parsePassword } from '../../pake/password.js';
import { CIRCUITS_DRAWN } from '../../session/circuits/drawing.js';
import { CIRCUITS_START } from '../../session/circuits/trials.js';
import type { Meeting } from '../../session/meeting/meeting.js';
import { meetAsRecipient } from '../../session/meeting/recipient-meeting.js';
import { nodePrimitives } from '../../transfer/node-primitives.js';
import { showKey } from '../door.js';
import type { ReceiveSummary } from '../events.js';
import { type Handle, start, type Work } from '../handle.js';
import { openTor } from '../open-tor.js';
import { usageError } from '../options.js';
import { agreesBeforehand, type Option, type Settings } from '../settings.js';
import { checkOutput } from '../transfers/check-output.js';
import { EarlyDial, keyFor } from '../transfers/early-dial.js';
import { findInterrupted, resumeInterrupted } from '../transfers/interrupted.js';
import { receiveFiles } from '../transfers/receive-files.js';
import { type RelayHost, reachRelay } from '../transfers/relay-host.js';
import { settingsFor } from '../verb-options.js';

/** Longer than it takes to reach a sender that is there. */
const SLOW_MS = 10_000;

/**
 * Receives what a sender offers.
 *
 * @param from an invitation; or an onion address, with the password from `withPassword` and, on
 *   somebody else's relay, that relay's from `withRelay`
 *
 * @example
 * ```ts
 * const { files, text } = await receive(invitation, withOutput('downloads')).done;
 * console.log(text ?? `${files} files`);
 * ```
 */
export function receive(
  from: string,
  ...options: readonly Option<'receive'>[]
): Handle<ReceiveSummary> {
  const settings = settingsFor('receive', options);
  const invitation = invitationOf(from, settings);
  return start((work) => run(invitation, settings, work), settings.signal);
}

function invitationOf(from: unknown, settings: Settings): Invitation {
  if (typeof from !== 'string') throw usageError('receive() takes an invitation or an address');
  if (looksLikeInvitation(from)) {
    const invitation = readInvitation(from);
    return { ...invitation, curve: settings.curve ?? invitation.curve };
  }
  const onion = parseOnionAddress(from);
  if (settings.password === undefined) throw usageError('an onion address needs a password too');
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
): Promise<ReceiveSummary> {
  const { onion } = invitation;
  // The same invitation after an interruption: its words are used up, but no longer needed.
  const record = await findInterrupted({ onion, channel: invitation.password.access }, settings);
  if (record !== undefined) return await resumeInterrupted(record, settings, work);
  await checkOutput(settings);
  const clientKey = keyFor(onion, settings, invitation.clientKey);
  using early = new EarlyDial(onion, settings, clientKey);
  await using open = await openTor(settings, work, (socks) => early.begin(socks));
  const { emit } = work;
  const { tor, signal } = open;
  await using _ = await showKey(tor, onion, clientKey);
  let { isolation }: { isolation: string | undefined } = early;
  for (let { password } = invitation; ; ) {
    const { relayPassword = password.access } = invitation;
    const access = { tor, onion, clientKey, password: relayPassword, settings, emit, isolation };
    await using relay = reachRelay(access);
    try {
      const known = { ...invitation, password };
      return await open.outcome(receiveOver(relay, known, relayPassword));
    } catch (error) {
      if (!hasCode(error, 'ERR_PASSWORD')) throw error;
      const another = await settings.anotherPassword?.(signal);
      if (another === undefined) throw error;
      password = parsePassword(another);
      isolation = undefined;
    }
  }

  async function receiveOver(
    relay: RelayHost,
    known: Invitation,
    access: string,
  ): Promise<ReceiveSummary> {
    const { curve } = known;
    const channel = known.password.access;
    const meeting = await meet(relay, known, settings, { emit, signal });
    // After a complete transfer it is the sender who ends the channel.
    try {
      return await receiveFiles({
        ...{ relay, access, clientKey, channel, curve, settings },
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

/** Meets the sender, and says so if that takes long: tor tries for minutes to reach a lost service. */
async function meet(
  relay: RelayHost,
  { onion, curve, password, size }: Invitation,
  settings: Settings,
  { emit, signal }: Work,
): Promise<Meeting> {
  const most = settings.circuits ?? CIRCUITS_DRAWN;
  const slow = setTimeout(() => {
    emit({ event: 'waiting', reason: 'the sender has not answered yet' });
  }, SLOW_MS);
  try {
    return await meetAsRecipient({
      relay: relay.client,
      primitives: nodePrimitives,
      ...{ onion, curve, signal },
      channel: password.access,
      words: password.words,
      ahead: Math.min(most, CIRCUITS_START),
      aheadFar: size === 'large' ? Math.min(most, CIRCUITS_DRAWN) : undefined,
      agrees: agreesBeforehand(settings),
      onPeer: (state) => emit({ event: 'peer', state }),
      onWaiting: (reason) => emit({ event: 'waiting', reason }),
    });
  } finally {
    clearTimeout(slow);
  }
}

/**
 * Resumes what was being received into the output folder when its process ended, without the words.
 *
 * @param from the sender's address, to choose among several
 *
 * @example
 * ```ts
 * const receiving = resumeReceive(undefined, withOutput('downloads'));
 * receiving.on('resuming', ({ bytes, total }) => console.log(`${bytes} of ${total} are here`));
 * await receiving.done;
 * ```
 */
export function resumeReceive(
  from: string | undefined,
  ...options: readonly Option<'resumeReceive'>[]
): Handle<ReceiveSummary> {
  const settings = settingsFor('resumeReceive', options);
  const onion = from === undefined ? undefined : parseOnionAddress(from);
  return start(async (work) => {
    const record = await findInterrupted({ onion }, settings);
    if (record !== undefined) return await resumeInterrupted(record, settings, work);
    throw usageError('there is no interrupted transfer into this folder; use its invitation');
  }, settings.signal);
}

/**
 * Whether `resumeReceive` would find something to resume.
 *
 * @example
 * ```ts
 * const into = withOutput('downloads');
 * const receiving = (await isInterrupted(undefined, into))
 *   ? resumeReceive(undefined, into)
 *   : receive(invitation, into);
 * ```
 */
export async function isInterrupted(
  from: string | undefined,
  ...options: readonly Option<'resumeReceive'>[]
): Promise<boolean> {
  await using record = await findInterrupted(
    { onion: from },
    settingsFor('resumeReceive', options),
  );
  return record !== undefined;
}
