import { randomUUID } from 'node:crypto';
import { randomBytes } from '../../base/bytes.js';
import { untilAborted } from '../../base/deadline.js';
import { CircuitTries } from '../../onion-http/circuit-tries.js';
import type { Caller } from '../../onion-http/circuits.js';
import { DEFAULT_CURVE } from '../../pake/curves/curve-name.js';
import { Refusal } from '../../relay-protocol/refusal.js';
import type {
  ChannelRequest,
  ChannelState,
  JoinReply,
  JoinRequest,
  ParticipantId,
  StreamHello,
} from '../../relay-protocol/wire.js';
import type { RelayLimits } from '../limits.js';
import type { StreamEnd } from '../staple/stream-end.js';
import type { LiveRequest } from './live.js';
import { LiveChannel } from './live-channel.js';
import { LivePair } from './live-pair.js';
import type { RelayCounts } from './relay-counts.js';
import { isAgreedName, Returning } from './returning.js';
import { Tally } from './tally.js';

/** While a relay drains, a channel with an attempt that is not judged moves after this all the same. */
const JUDGED_MS = 10_000;

/** How often the clock is checked: what ends by time ends at most this much late. */
const SWEEP_MS = 1000;

export interface RegistryOptions {
  readonly limits: RelayLimits;
  /** A clock in milliseconds that never goes back */
  readonly now?: () => number;
  /** Of circuits, in all channels: who has flooded one is no better in the next. Default none yet */
  readonly tries?: CircuitTries | undefined;
}

/** All channels and pairs of one relay. It keeps no password, and nothing of what has ended. */
export class Registry {
  readonly #limits: RelayLimits;
  readonly #now: () => number;
  readonly #tries: CircuitTries;
  readonly #channels = new Map<string, LiveChannel>();
  /** Names that senders left to us, by the nonce of their join: a repeat must find its channel. */
  readonly #named = new Map<string, string>();
  readonly #pairs = new Set<LivePair>();
  /** Both participants' ways to their pair */
  readonly #paired = new Map<ParticipantId, LivePair>();
  /** What it has done, for those who want to know. */
  readonly tally: Tally = new Tally();
  readonly #whenQuiet = new Set<() => void>();
  /** Set once it drains */
  #returning: Returning | undefined;
  /** Channels that are to move to another backend, and when they do at the latest */
  #moving: { readonly names: Set<string>; readonly until: number } | undefined;
  #whenEnded: (name: string) => void = () => undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor({ limits, now = () => performance.now(), tries }: RegistryOptions) {
    this.#limits = limits;
    this.#now = now;
    this.#tries = tries ?? new CircuitTries(limits, now);
  }

  /**
   * Whether somebody who names this may be looking for channels: there is none, or it has no such
   * participant. A random name finds nobody by chance, and those who reconnect look for several.
   */
  isGuess({ channel, uuid }: { channel?: string; uuid?: ParticipantId }): boolean {
    if (channel === undefined || isAgreedName(channel)) return false;
    const live = this.#live(channel);
    if (uuid === undefined) return live === undefined;
    return this.#pairOf({ channel, uuid }) === undefined && live?.channel.knows(uuid) !== true;
  }

  /** Whether this names a channel or a pair that lives here. */
  isHere({ channel, uuid }: { channel: string; uuid?: ParticipantId | undefined }): boolean {
    if (uuid !== undefined && this.#pairOf({ channel, uuid }) !== undefined) return true;
    return this.#live(channel) !== undefined;
  }

  /** The channel of a join: as it says, as its nonce was given before, or a new random one. */
  nameFor({ channel, nonce }: JoinRequest): string {
    return channel ?? this.#named.get(nonce) ?? randomName();
  }

  /** The listener is told of the name of each channel that has ended. */
  whenEnded(listener: (name: string) => void): void {
    this.#whenEnded = listener;
  }

  /** Ends a channel, but no pair. */
  end(name: string): void {
    const live = this.#channels.get(name);
    live?.close();
    if (live !== undefined) this.#forgetClosed(name, live);
  }

  /**
   * @param name as `nameFor` says
   * @throws Refusal
   */
  join(request: JoinRequest, caller?: Caller, name: string = this.nameFor(request)): JoinReply {
    try {
      this.#assertReturning(request);
      return this.#join(request, caller, name);
    } catch (error) {
      if (request.role === 'sender' && error instanceof Refusal) this.tally.channelsRefused++;
      throw error;
    }
  }

  #join(request: JoinRequest, caller: Caller | undefined, name: string): JoinReply {
    const live = this.#live(name) ?? this.#create(name, request, caller?.circuit);
    const now = this.#now();
    const { channel } = live;
    return live.change(() => {
      const uuid =
        request.role === 'sender'
          ? channel.rejoin(request.nonce, request.curve, now)
          : channel.join(newId(), request.nonce, request.curve, now, caller?.circuit);
      live.admit(uuid, caller);
      return { channel: name, uuid, curve: channel.curve, state: channel.state(uuid) };
    });
  }

  /** @throws Refusal */
  async request(request: ChannelRequest, options: LiveRequest = {}): Promise<ChannelState> {
    const pair = this.#pairOf(request);
    if (pair !== undefined) return await pair.request(request, this.#now(), options);
    const live = this.#get(request.channel);
    try {
      return await live.request(request, this.#now(), options);
    } finally {
      this.#forgetClosed(request.channel, live);
    }
  }

  /** @throws Refusal; `end` is then still the caller's */
  openStream(hello: Omit<StreamHello, 'authorization'>, end: StreamEnd, caller?: Caller): void {
    const live = this.#pairOf(hello) ?? this.#get(hello.channel);
    live.openStream(hello, end, this.#now(), caller);
  }

  /** Lets nobody in any more. Those who have met go on, and may meet again where they agreed to. */
  drain(): void {
    const ours = new Set(this.#named.values());
    const theirs = [...this.#channels.keys()].filter((name) => !ours.has(name));
    this.#returning = new Returning(theirs, this.#pairs.size);
  }

  /**
   * Once it drains, ends the channels in which senders wait for those who have their words: they open
   * them again, where another backend takes them. Pairs stay.
   */
  moveAway(): void {
    const ours = new Set(this.#named.values());
    const names = [...this.#channels.keys()].filter(
      (name) => !ours.has(name) && !isAgreedName(name),
    );
    this.#moving = { names: new Set(names), until: this.#now() + JUDGED_MS };
    this.#move();
  }

  /** Resolves when no pair is left. @throws the signal's reason */
  quiet(signal: AbortSignal): Promise<void> {
    if (this.#pairs.size === 0) return Promise.resolve();
    return untilAborted(new Promise((resolve) => this.#whenQuiet.add(resolve)), signal);
  }

  counts(): RelayCounts {
    for (const live of this.#pairs) live.tellBytes();
    return this.tally.counts(this.#channels.size, this.#pairs.size, this.#limits.channels);
  }

  /** Ends every channel and pair. */
  close(): void {
    for (const name of this.#channels.keys()) this.end(name);
    for (const live of this.#pairs) live.close();
  }

  /** @throws Refusal going-away */
  #assertReturning({ role, channel }: JoinRequest): void {
    if (this.#returning === undefined) return;
    if (role === 'sender') this.#returning.open(channel);
    else if (!isAgreedName(channel)) throw new Refusal('going-away');
  }

  #create(
    name: string,
    { role, nonce, curve = DEFAULT_CURVE, channel }: JoinRequest,
    circuit: number | undefined,
  ): LiveChannel {
    if (role === 'recipient') throw new Refusal('no-such-channel');
    this.#assertRoom(circuit);
    const live: LiveChannel = new LiveChannel(
      {
        ...{ name, curve, sender: newId(), nonce, newId, tries: this.#tries },
        admitPair: () => {
          const isLeft = this.#returning?.has(name) === false && !this.#isMoving(name);
          if (isLeft) throw new Refusal('going-away');
          this.#assertRoom(circuit);
        },
        onWrongAnswer: () => this.tally.failedGuesses++,
      },
      this.#now(),
      {
        limits: this.#limits,
        nonce,
        openedThrough: circuit,
        onPair: (pair, inheritance) => {
          const members = [pair.sender, pair.recipient];
          const livePair: LivePair = new LivePair(pair, {
            ...{ limits: this.#limits, inheritance, openedThrough: circuit },
            onBytes: (count) => {
              this.tally.bytes += count;
            },
            onEnd: () => {
              this.#pairs.delete(livePair);
              for (const id of members) this.#paired.delete(id);
              live.followPairs(this.#now());
              this.#rest();
              if (this.#pairs.size === 0) this.#tellQuiet();
            },
          });
          this.#pairs.add(livePair);
          this.#returning?.meet(name);
          this.tally.pairsMade++;
          for (const id of members) this.#paired.set(id, livePair);
          return livePair;
        },
      },
    );
    this.#channels.set(name, live);
    this.tally.channelsOpened++;
    if (channel === undefined) this.#named.set(nonce, name);
    this.#timer ??= setInterval(() => this.sweep(), SWEEP_MS).unref();
    return live;
  }

  /** If the relay is full, the most crowded circuit loses one. @throws Refusal relay-full, too-many */
  #assertRoom(circuit: number | undefined): void {
    const { channels, channelsPerCircuit } = this.#limits;
    if (this.#countOf(circuit) >= channelsPerCircuit) throw new Refusal('too-many');
    if (this.#channels.size + this.#pairs.size < channels) return;
    const leaving = this.#mostCrowding(circuit);
    if (leaving === undefined) throw new Refusal('relay-full');
    leaving.close();
    if (leaving instanceof LiveChannel) this.#forgetClosed(leaving.channel.name, leaving);
  }

  /**
   * The oldest of the circuit with the most, if that has more than a newcomer on `circuit` would
   * have. A pair that carries bytes never goes, and excuses a channel to reconnect in.
   */
  #mostCrowding(circuit: number | undefined): LiveChannel | LivePair | undefined {
    const now = this.#now();
    const crowds = new Map<number, number>();
    const oldest = new Map<number, LiveChannel | LivePair>();
    for (const live of [...this.#pairs, ...this.#channels.values()]) {
      const { openedThrough: its } = live;
      if (its === undefined) continue;
      const isFlowing = live instanceof LivePair && live.pair.isFlowing(now);
      crowds.set(its, (crowds.get(its) ?? 0) + (isFlowing ? -1 : 1));
      if (!isFlowing && !oldest.has(its)) oldest.set(its, live);
    }
    let most = Math.max(0, crowds.get(circuit ?? -1) ?? 0) + 1;
    let leaving: LiveChannel | LivePair | undefined;
    for (const [its, count] of crowds) {
      if (count <= most) continue;
      most = count;
      leaving = oldest.get(its);
    }
    return leaving;
  }

  /** How many live channels and pairs were opened through a circuit; 0 where it is unknown */
  #countOf(circuit: number | undefined): number {
    if (circuit === undefined) return 0;
    let count = 0;
    for (const live of this.#channels.values()) if (live.openedThrough === circuit) count++;
    for (const live of this.#pairs) if (live.openedThrough === circuit) count++;
    return count;
  }

  #pairOf({ channel, uuid }: { channel: string; uuid: ParticipantId }): LivePair | undefined {
    const live = this.#paired.get(uuid);
    return live?.pair.channel === channel ? live : undefined;
  }

  #get(name: string): LiveChannel {
    const live = this.#live(name);
    if (live === undefined) throw new Refusal('no-such-channel');
    return live;
  }

  #live(name: string): LiveChannel | undefined {
    const live = this.#channels.get(name);
    if (live === undefined) return undefined;
    live.sweep(this.#now());
    this.#forgetClosed(name, live);
    return live.channel.closed ? undefined : live;
  }

  /** Ends what has lasted too long. */
  sweep(): void {
    const now = this.#now();
    this.#move();
    for (const live of this.#pairs) live.sweep(now);
    for (const [name, live] of this.#channels) {
      live.sweep(now);
      this.#forgetClosed(name, live);
    }
  }

  #isMoving(name: string): boolean {
    return this.#moving?.names.has(name) === true;
  }

  #move(): void {
    const { names, until } = this.#moving ?? { names: new Set<string>(), until: 0 };
    for (const name of names) {
      const isMeeting = this.#channels.get(name)?.channel.isMeeting === true;
      if (isMeeting && this.#now() < until) continue;
      names.delete(name);
      this.end(name);
    }
  }

  #forgetClosed(name: string, live: LiveChannel): void {
    if (!live.channel.closed || this.#channels.get(name) !== live) return;
    this.#channels.delete(name);
    if (this.#named.get(live.nonce) === name) this.#named.delete(live.nonce);
    this.#whenEnded(name);
    this.#rest();
  }

  #tellQuiet(): void {
    for (const resolve of this.#whenQuiet) resolve();
    this.#whenQuiet.clear();
  }

  /** Nothing ends by the clock while there is nothing. */
  #rest(): void {
    if (this.#channels.size > 0 || this.#pairs.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

function newId(): ParticipantId {
  // A fresh uuid is what the brand stands for.
  return randomUUID() as ParticipantId;
}

/** 128 bits, which nobody guesses. */
function randomName(): string {
  return Array.from(randomBytes(16), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
