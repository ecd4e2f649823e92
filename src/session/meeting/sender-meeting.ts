import { type PakeSecret, stretchPassword } from '../../pake/stretch.js';
import type { RelayClient } from '../../relay-protocol/relay-client.js';
import { newCircuitNames } from '../circuits/circuit-names.js';
import type { Primitives } from '../conversation/primitives.js';
import type { CallOptions, Meeting } from './meeting.js';
import { openStream } from './open-stream.js';
import { SenderParticipant } from './sender-participant.js';
import { SenderWait, type WaitingOptions } from './sender-wait.js';

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

/** A sender's channel, and the streams that follow from a meeting in it. */
export class SenderChannel {
  readonly #options: SenderMeetingOptions;
  readonly #participant: SenderParticipant;
  readonly #wait: SenderWait;

  constructor(options: SenderMeetingOptions, participant: SenderParticipant, secret: PakeSecret) {
    this.#options = options;
    this.#participant = participant;
    this.#wait = new SenderWait(options, participant, secret);
  }

  /** Waits for a recipient who knows what the sender knows. */
  async meet(call: CallOptions = {}): Promise<Meeting> {
    const keys = await this.#wait.meet(call);
    const { relay, primitives, channel, establishMs } = this.#options;
    const own = {
      ...{ relay, primitives, channel, establishMs },
      circuits: newCircuitNames(),
      uuid: this.#participant.uuid,
      role: 'sender',
      root: Promise.resolve(keys.stream),
    } as const;
    return {
      channel,
      keys,
      openStream: (number, during) => openStream({ ...own, ...during }, number),
      // Nothing is: a sender opens its ends when the recipient has asked for them.
      dialMs: undefined,
      releaseAhead: () => undefined,
      abandon: () => this.close(),
    };
  }

  /** Ends the channel. Never throws: it may have ended by itself. */
  async close(): Promise<void> {
    await this.#participant.leave();
  }
}
