import { OnionferryError } from '../../base/errors.js';
import { DEFAULT_CURVE } from '../../pake/curves/curve-name.js';
import { generatePassword, type Password } from '../../pake/password.js';
import { type GuessLimit, guessLimitFor } from '../../session/meeting/guess-limit.js';
import type { Meeting, PeerState } from '../../session/meeting/meeting.js';
import { openSenderChannel, type SenderChannel } from '../../session/meeting/sender-meeting.js';
import { nodePrimitives } from '../../transfer/node-primitives.js';
import { placeOf } from './invitation-to.js';
import type { ServeRecipientsOptions } from './offered.js';

/** Those who were let in. */
interface Admitted {
  readonly hasRoom: boolean;
  /** May let one of them go. */
  makeRoom(): void;
  begin(meeting: Meeting, channel: string): void;
}

/** Where a sender lets recipients in: one channel after the other. */
export class Entrance {
  readonly #recipients: Admitted;
  readonly #options: ServeRecipientsOptions;
  readonly #guesses: GuessLimit;
  readonly #closing = new AbortController();
  #password: Password;
  #announced: Password | undefined;
  /** Aborted when there is room for another recipient */
  #refusing: AbortController | undefined;
  #letting: Promise<unknown> = Promise.resolve();

  constructor(options: ServeRecipientsOptions, recipients: Admitted) {
    const { password, guesses = guessLimitFor(password), isAnnounced = false } = options;
    this.#options = options;
    this.#guesses = guesses;
    this.#password = password;
    if (isAnnounced) this.#announced = password;
    this.#recipients = recipients;
  }

  /** Lets recipients in until the signal aborts. */
  async open(signal: AbortSignal): Promise<never> {
    const letting = this.#letIn(AbortSignal.any([signal, this.#closing.signal]));
    this.#letting = letting.catch(() => undefined);
    return await letting;
  }

  async close(): Promise<void> {
    this.#closing.abort(noLonger());
    await this.#letting;
  }

  async #letIn(signal: AbortSignal): Promise<never> {
    for (;;) {
      await this.#inChannel(signal);
      // A new password: that relay could learn the words from an earlier recipient.
      this.#password = generatePassword();
    }
  }

  /** Opens the channel of the current password. Returns when the password may not be used again. */
  async #inChannel(signal: AbortSignal): Promise<void> {
    const { relay, settings, work } = this.#options;
    const { curve = DEFAULT_CURVE, keep } = settings;
    const { access: channel, words } = this.#password;
    const isOthers = settings.relay !== undefined;
    const opened = await openSenderChannel(
      {
        relay: relay.client,
        primitives: nodePrimitives,
        onion: relay.onion,
        ...{ channel, words, curve, guesses: this.#guesses },
        onPeer: (state) => this.#onPeer(state),
        onWaiting: (reason) => work.emit({ event: 'waiting', reason }),
      },
      { signal },
    );
    let isTaken = false;
    try {
      this.#announce();
      for (;;) {
        await this.#untilRoom(opened, signal);
        if (isTaken && isOthers) return;
        const meeting = await opened.meet({ signal, alone: !keep });
        isTaken = true;
        this.#recipients.begin(meeting, channel);
        if (keep && isOthers) return;
      }
    } finally {
      await opened.close({ isTaken });
    }
  }

  /** Has everybody turned away while there is no room. */
  async #untilRoom(opened: SenderChannel, signal: AbortSignal): Promise<void> {
    if (this.#recipients.hasRoom) return;
    const refusing = new AbortController();
    this.#refusing = refusing;
    this.#recipients.makeRoom();
    const either = AbortSignal.any([signal, refusing.signal]);
    await opened.refuse({ signal: either }).catch((error: unknown) => {
      signal.throwIfAborted();
      if (!refusing.signal.aborted) throw error;
    });
    this.#refusing = undefined;
  }

  /** There may be room for another one. */
  noteChange(): void {
    if (this.#recipients.hasRoom) this.#refusing?.abort(noLonger());
    else if (this.#refusing !== undefined) this.#recipients.makeRoom();
  }

  #onPeer(state: PeerState): void {
    // Told with the recipient's number.
    if (state !== 'authenticated') this.#options.work.emit({ event: 'peer', state });
  }

  #announce(): void {
    const { relay, settings, isMuch, work } = this.#options;
    const password = this.#password;
    if (this.#announced === password) return;
    this.#announced = password;
    const { onion, door } = relay;
    work.emit({ event: 'online', ...placeOf({ onion, door, password, isMuch, settings }) });
  }
}

function noLonger(): OnionferryError {
  return new OnionferryError('ERR_INTERRUPTED', 'nobody else is let in');
}
