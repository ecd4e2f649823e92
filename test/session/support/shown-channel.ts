import { fromBase64Url, toBase64Url } from '../../../src/base/bytes.js';
import type { OnionferryError } from '../../../src/base/errors.js';
import { answerExchange } from '../../../src/pake/exchange.js';
import type { SessionKeys } from '../../../src/pake/key-schedule.js';
import type { PakeSecret } from '../../../src/pake/stretch.js';
import type { RelayRequests } from '../../../src/relay-protocol/relay-client.js';
import type {
  ChannelRequest,
  ParticipantId,
  SenderAttempt,
  SenderState,
} from '../../../src/relay-protocol/wire.js';
import { CHANNEL, ONION } from './parties.js';
import { named, senderState } from './scripted-relay.js';

/** A channel as its sender sees it; who comes and what they say, the test tells. */
export class ShownChannel implements RelayRequests {
  readonly asked: Omit<ChannelRequest, 'channel' | 'uuid'>[] = [];
  /** How often the sender has joined. */
  joins = 0;
  /** Its name; another one after the relay was started again. */
  uuid: ParticipantId = named('sender');
  /** Asked before a request is heard, and after: throws what the sender is told. */
  before: (request: ChannelRequest) => OnionferryError | undefined = () => undefined;
  after: (request: ChannelRequest) => OnionferryError | undefined = () => undefined;
  #revision = 0;
  #attempts: SenderAttempt[] = [];
  readonly #shares = new Map<number, string>();
  readonly #channel: string;

  constructor(channel: string = CHANNEL) {
    this.#channel = channel;
  }

  get posted(): number[] {
    return this.#attempts.filter(({ phase }) => phase === 'posted').map(({ attempt }) => attempt);
  }

  /** Somebody takes what was posted, and says nothing yet. */
  joined(attempt: number): void {
    this.change(attempt, { attempt, phase: 'joined' });
  }

  /** Somebody answers it. @returns the keys that this side has */
  answered(attempt: number, secret: PakeSecret, agrees = false): SessionKeys {
    const x = fromBase64Url(this.#shares.get(attempt) ?? '') ?? new Uint8Array();
    const place = { onion: ONION, channel: this.#channel, curve: 'p256' } as const;
    const { y, keys } = answerExchange(secret, place, x);
    const proof = agrees ? keys.agreementHash : keys.confirmationHash;
    this.says(attempt, toBase64Url(y), toBase64Url(proof));
    return keys;
  }

  /** The share of who answered it. */
  answerTo(attempt: number): string {
    return this.#attempts.find((other) => other.attempt === attempt)?.y ?? '';
  }

  says(attempt: number, y: string, hh_k: string): void {
    this.change(attempt, { attempt, phase: 'answered', y, hh_k });
  }

  change(attempt: number, becomes: SenderAttempt | undefined): void {
    this.#revision++;
    this.#attempts = [
      ...this.#attempts.filter((other) => other.attempt !== attempt),
      ...(becomes === undefined ? [] : [becomes]),
    ];
  }

  /** The relay is started again, and knows nobody. */
  restart(): void {
    this.uuid = named(`${this.uuid} again`);
    this.#attempts = [];
    this.#revision = 0;
  }

  async join(): ReturnType<RelayRequests['join']> {
    this.joins++;
    return await Promise.resolve({
      ...{ channel: CHANNEL, uuid: this.uuid, curve: 'p256', state: this.#state() },
    });
  }

  async channel(request: ChannelRequest): Promise<SenderState> {
    // Whose they are is plain, and told nobody who compares.
    const said = { ...request, channel: undefined, uuid: undefined };
    this.asked.push(said);
    await Promise.resolve();
    const refusal = this.before(request);
    if (refusal !== undefined) throw refusal;
    this.#hear(request);
    const lost = this.after(request);
    if (lost !== undefined) throw lost;
    return this.#state();
  }

  #hear({ attempt, x, h_k, close }: ChannelRequest): void {
    if (attempt === undefined) return;
    if (x !== undefined) {
      this.#shares.set(attempt, x);
      this.#attempts.push({ attempt, phase: 'posted' });
    } else if (h_k !== undefined) {
      const participant = named(`pair ${attempt}`);
      this.change(attempt, { attempt, phase: 'confirmed', participant });
    } else if (close === true) this.change(attempt, undefined);
  }

  #state(): SenderState {
    return senderState({ revision: this.#revision, attempts: [...this.#attempts] });
  }
}
