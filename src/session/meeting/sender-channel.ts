import { type PakeSecret, stretchPassword } from '../../pake/stretch.js';
import type { RelayClient } from '../../relay-protocol/relay-client.js';
import { newCircuitNames } from './circuit-names.js';
import type { Meeting } from './meeting.js';
import { openStream } from './open-stream.js';
import { type CallOptions, SenderParticipant } from './sender-participant.js';
import { SenderWait, type WaitingOptions } from './sender-wait.js';

export interface SenderMeetingOptions extends WaitingOptions {
  readonly access: RelayClient;
  readonly establishMs?: number | undefined;
}

export interface SenderChannelOptions extends SenderMeetingOptions {
  /** The password's words behind the door. */
  readonly words: string;
}

/** Opens a channel. @throws OnionferryError ERR_CHANNEL_TAKEN if another sender holds it */
export async function openSenderChannel(
  options: SenderChannelOptions,
  call: CallOptions = {},
): Promise<SenderChannel> {
  const { onion, channel, curve, words } = options;
  const place = new SenderParticipant(options);
  const stretching = stretchPassword(words, { onion, channel, curve });
  const [secret] = await Promise.all([stretching, place.take(call)]);
  return new SenderChannel(options, place, secret);
}

/** A sender's channel, and the streams that follow from a meeting in it. */
export class SenderChannel {
  readonly #options: SenderMeetingOptions;
  readonly #place: SenderParticipant;
  readonly #wait: SenderWait;

  constructor(options: SenderMeetingOptions, place: SenderParticipant, secret: PakeSecret) {
    this.#options = options;
    this.#place = place;
    this.#wait = new SenderWait(options, place, secret);
  }

  /** Waits for a recipient who knows what the sender knows. */
  async meet(call: CallOptions = {}): Promise<Meeting> {
    const keys = await this.#wait.meet(call);
    const { access, channel, establishMs } = this.#options;
    const { uuid } = this.#place;
    const root = Promise.resolve(keys.stream);
    const circuits = newCircuitNames();
    const place = { access, circuits, channel, uuid, role: 'sender', root, establishMs } as const;
    return {
      channel,
      keys,
      openStream: (number, during) => openStream({ ...place, ...during }, number),
      // Nothing is: a sender opens its ends when the recipient has asked for them.
      dialMs: undefined,
      releaseAhead: () => undefined,
      abandon: () => this.close(),
    };
  }

  /** Ends the channel. Never throws: it may have ended by itself. */
  async close(): Promise<void> {
    await this.#place.leave();
  }
}
