import { type PakeSecret, stretchPassword } from '../../pake/stretch.js';
import type { RelayClient } from '../../relay-protocol/relay-client.js';
import { newCircuitNames } from '../circuits/circuit-names.js';
import type { Primitives } from '../conversation/primitives.js';
import { leave } from './leave.js';
import type { CallOptions, Meeting } from './meeting.js';
import { openStream } from './open-stream.js';
import { SenderParticipant } from './sender-participant.js';
import { type MeetOptions, SenderWait, type WaitingOptions } from './sender-wait.js';

export interface SenderMeetingOptions extends WaitingOptions {
  readonly relay: RelayClient;
  readonly primitives: Primitives;
  readonly establishMs?: number | undefined;
}

/** Opens a channel. @throws OnionferryError ERR_CHANNEL_TAKEN if another sender holds it */
export async function openSenderChannel(
  options: SenderMeetingOptions & {
    /** The password's words behind the access words. */
    readonly words: string;
  },
  call: CallOptions = {},
): Promise<SenderChannel> {
  const { onion, channel, curve, words } = options;
  const participant = new SenderParticipant(options);
  const stretching = stretchPassword(words, { onion, channel, curve });
  const [secret] = await Promise.all([stretching, participant.join(call)]);
  return new SenderChannel(options, participant, secret);
}

/** A sender's channel, in which it meets one recipient after another. */
export class SenderChannel {
  readonly #options: SenderMeetingOptions;
  readonly #participant: SenderParticipant;
  readonly #wait: SenderWait;

  constructor(options: SenderMeetingOptions, participant: SenderParticipant, secret: PakeSecret) {
    this.#options = options;
    this.#participant = participant;
    this.#wait = new SenderWait(options, participant, secret);
  }

  /** Waits for the next recipient who knows what the sender knows. Meetings outlive the channel. */
  async meet(options: MeetOptions = {}): Promise<Meeting> {
    const { keys, hasAgreed, participant: uuid } = await this.#wait.meet(options);
    const { relay, primitives, channel, establishMs } = this.#options;
    const own = {
      ...{ relay, primitives, channel, establishMs, uuid },
      circuits: newCircuitNames(),
      role: 'sender',
      root: Promise.resolve(keys.stream),
    } as const;
    return {
      channel,
      keys,
      hasAgreed,
      openStream: (number, during) => openStream({ ...own, ...during }, number),
      // Nothing is: a sender opens its ends when the recipient has asked for them.
      dialMs: undefined,
      releaseAhead: () => undefined,
      abandon: () => leave(relay, { channel, uuid, close: true }),
    };
  }

  /** Stays there and has others told that somebody is receiving, until the signal aborts. */
  async refuse(call: CallOptions & { readonly signal: AbortSignal }): Promise<never> {
    return await this.#wait.refuse(call);
  }

  /**
   * Ends the channel. Never throws: it may have ended by itself.
   *
   * @param isTaken tells those who wait that somebody else is receiving
   */
  async close({ isTaken = false }: { readonly isTaken?: boolean } = {}): Promise<void> {
    await this.#participant.leave(isTaken);
  }
}
