import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { Channel } from '../../../src/relay/channel/channel.js';
import type { ChannelLimits } from '../../../src/relay/channel/new-channel.js';
import type { Pair } from '../../../src/relay/channel/pair.js';
import { Refusal } from '../../../src/relay-protocol/refusal.js';
import type {
  ChannelRequest,
  ChannelState,
  ParticipantId,
} from '../../../src/relay-protocol/wire.js';

export const LIMITS: ChannelLimits = {
  recipients: 4,
  joinedAttempts: 4,
  shownAnswers: 2,
  recipientsPerCircuit: 2,
  postedAttempts: 3,
  pairs: 2,
  silentMs: 60,
  graceMs: 10,
  goneMs: 20,
  idleMs: 200,
  senderIdleMs: 200,
  senderGoneMs: 50,
  lifetimeMs: 5000,
};

export type Write = Omit<ChannelRequest, 'channel' | 'uuid'>;
export type Outcome = { readonly state: ChannelState } | { readonly refused: string };

/** Short names as the brand's text: the machine never looks into one. */
export function idOf(text: string): ParticipantId {
  return text as ParticipantId;
}

export function digest(...parts: (string | Buffer)[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** A channel and its pairs with everything that was ever seen of them; each step checks what must always hold. */
export class ChannelWorld {
  readonly sender: ParticipantId = idOf('uuid-sender');
  readonly channel: Channel;
  now = 0;
  /** Every pair that was ever made */
  readonly pairs: Pair[] = [];
  /** Everybody who ever took part */
  readonly ids: Set<ParticipantId> = new Set([this.sender]);
  /** Who may end what now */
  #closing: ParticipantId | undefined;
  readonly #circuits = new Map<ParticipantId, number>();
  readonly #written = new Map<string, string>();
  #views = new Map<ParticipantId, ChannelState>();
  readonly #lastFlow = new Map<Pair, number>();
  readonly #lastActive = new Map<Pair | Channel, number>();

  constructor() {
    const members = { name: 'a-b', curve: 'p256', nonce: 'nonce-s', limits: LIMITS } as const;
    this.channel = new Channel(
      {
        ...members,
        sender: this.sender,
        newId: () => idOf(`uuid-pair-${this.pairs.length}`),
        onPair: (pair) => {
          this.pairs.push(pair);
          this.ids.add(pair.sender);
          this.#lastActive.set(pair, this.now);
        },
      },
      0,
    );
    this.#views.set(this.sender, this.channel.state(this.sender));
    this.#lastActive.set(this.channel, 0);
  }

  pass(ms: number): void {
    this.#step(undefined, () => {
      this.now += ms;
      for (const pair of this.pairs) pair.advance(this.now);
      this.channel.advance(this.now);
      return undefined;
    });
  }

  /** Bytes flow through one of the pairs. */
  flow(which: number): void {
    this.#step(undefined, () => {
      const live = this.pairs.filter(({ closed }) => !closed);
      const pair = live[which % (live.length || 1)];
      if (pair === undefined) return undefined;
      pair.staple();
      pair.flow(this.now);
      this.#lastFlow.set(pair, this.now);
      this.#lastActive.set(pair, this.now);
      return undefined;
    });
  }

  join(id: ParticipantId, nonce: string, circuit?: number): ParticipantId | undefined {
    const safe = [...this.#views.keys()].filter((known) => this.#isSafe(known));
    const joined = this.#step(id, () => {
      try {
        return this.channel.join(id, nonce, undefined, this.now, circuit);
      } catch (error) {
        return refusal(error);
      }
    });
    if (typeof joined !== 'string') return undefined;
    this.ids.add(joined);
    if (circuit !== undefined) this.#circuits.set(joined, circuit);
    for (const known of safe) assert(this.channel.has(known), `${known} made way`);
    if (circuit !== undefined) assert(this.#through(circuit) <= LIMITS.recipientsPerCircuit);
    const before = this.#look();
    assert.equal(
      this.channel.join(idOf('uuid-other'), nonce, undefined, this.now, circuit),
      joined,
    );
    assert.deepEqual(this.#look(), before);
    this.#views = before;
    return joined;
  }

  request(uuid: ParticipantId, write: Write): Outcome {
    const post = (): Outcome => {
      try {
        const request = { channel: 'a-b', uuid, ...write };
        const place = this.pairOf(uuid) ?? this.channel;
        const state = place.request(request, this.now);
        // The relay lets a channel look whenever one of its pairs may have ended.
        if (!this.channel.closed) this.channel.advance(this.now);
        return { state: place.has(uuid) ? place.state(uuid) : state };
      } catch (error) {
        return refusal(error);
      }
    };
    const place = this.pairOf(uuid) ?? this.channel;
    const first = this.#step(uuid, () => {
      if (write.close === true) this.#closing = uuid;
      const outcome = post();
      if (uuid === this.sender || place !== this.channel) this.#lastActive.set(place, this.now);
      return outcome;
    });
    this.#closing = undefined;
    if (write.close === true) return first;
    const before = this.#look();
    assert.deepEqual(post(), first);
    assert.deepEqual(this.#look(), before);
    return first;
  }

  isClosed(): boolean {
    return this.channel.closed;
  }

  pairOf(id: ParticipantId): Pair | undefined {
    return this.pairs.find((pair) => pair.has(id));
  }

  isConfirmed(id: ParticipantId | undefined): boolean {
    return id !== undefined && this.pairOf(id) !== undefined;
  }

  view(id: ParticipantId): ChannelState | undefined {
    return this.#views.get(id);
  }

  /** A recipient that has answered, and is the only one of its circuit, is removed for nobody. */
  #isSafe(id: ParticipantId): boolean {
    const circuit = this.#circuits.get(id);
    const view = this.#views.get(id);
    if (view?.role !== 'recipient' || view.phase !== 'answered') return false;
    return circuit === undefined || this.#through(circuit) === 1;
  }

  #through(circuit: number): number {
    return [...this.#circuits].filter(([id, its]) => its === circuit && this.channel.has(id))
      .length;
  }

  #step<Result>(actor: ParticipantId | undefined, act: () => Result): Result {
    const wasClosed = new Map(this.#all.map((place) => [place, place.closed]));
    const result = act();
    const views = this.#look();
    for (const place of this.#all) this.#checkClosing(place, wasClosed.get(place) ?? false);
    this.#checkViews(views);
    this.#checkRevisions(views, actor);
    this.#views = views;
    return result;
  }

  get #all(): (Channel | Pair)[] {
    return [this.channel, ...this.pairs];
  }

  #look(): Map<ParticipantId, ChannelState> {
    const views = new Map<ParticipantId, ChannelState>();
    for (const id of this.ids) {
      const there = this.#all.filter((place) => place.has(id));
      assert(there.length <= 1, `${id} is in two places`);
      if (there[0] !== undefined) views.set(id, structuredClone(there[0].state(id)));
      else for (const place of this.#all) assert.throws(() => place.state(id), Refusal);
    }
    return views;
  }

  /** Only the sender and the clock end a channel, only the two and the clock a pair. */
  #checkClosing(place: Channel | Pair, wasClosed: boolean): void {
    const isChannel = place === this.channel;
    const members = isChannel ? [this.sender] : [(place as Pair).recipient, (place as Pair).sender];
    if (!place.closed) {
      assert(!wasClosed);
      for (const id of members) assert(place.has(id));
      return;
    }
    // The sender may also end a pair as what it is in the channel.
    const mayClose = [...members, this.sender].some((id) => id === this.#closing);
    if (!wasClosed && !mayClose) {
      const flowed = isChannel ? undefined : this.#lastFlow.get(place as Pair);
      const idle = this.now - (this.#lastActive.get(place) ?? 0) >= LIMITS.idleMs;
      const old = this.now >= LIMITS.lifetimeMs && this.now - (flowed ?? -1e9) >= LIMITS.idleMs;
      assert(idle || old);
    }
    const deaf = { message: 'no-such-channel' };
    for (const id of this.ids) {
      assert(!place.has(id));
      assert.throws(() => place.state(id), deaf);
      assert.throws(() => place.request({ channel: 'a-b', uuid: id }, this.now), deaf);
      assert.throws(() => place.useStream(id, 0, this.now), deaf);
    }
    if (!isChannel) return;
    assert.throws(() => this.channel.join(idOf('new'), 'new', undefined, this.now), deaf);
  }

  #checkViews(views: Map<ParticipantId, ChannelState>): void {
    let recipients = 0;
    const live = this.pairs.filter(({ closed }) => !closed);
    assert(this.channel.closed || live.length <= LIMITS.pairs);
    for (const [id, view] of views) {
      const pair = this.pairOf(id);
      const text = JSON.stringify(view);
      for (const other of this.ids) {
        // Its own names in its pairs are the sender's to know.
        const isOwn = view.role === 'sender' && this.pairs.some(({ sender }) => sender === other);
        assert(!text.includes(other) || isOwn, `${text} has ${other}`);
      }
      if (view.role === 'recipient') {
        if (pair === undefined) recipients++;
        const confirmed = view.phase === 'confirmed';
        assert.equal(view.h_k !== undefined, confirmed);
        assert.equal(pair?.recipient === id, confirmed);
        this.#checkWrittenOnce(`x ${view.attempt}`, view.x);
        this.#checkWrittenOnce(`recipient of ${view.attempt}`, view.attempt && id);
        this.#checkWrittenOnce(`h_k ${view.attempt}`, view.h_k);
        continue;
      }
      assert(!text.includes('"h_k"'));
      const posted = view.attempts.filter(({ phase }) => phase === 'posted');
      const confirmed = view.attempts.filter(({ phase }) => phase === 'confirmed');
      assert(posted.length <= LIMITS.postedAttempts);
      assert(view.attempts.length - confirmed.length <= LIMITS.postedAttempts + LIMITS.recipients);
      for (const { attempt, phase, y, hh_k, participant } of view.attempts) {
        assert.equal(participant !== undefined, phase === 'confirmed');
        this.#checkWrittenOnce(`y ${attempt}`, y);
        this.#checkWrittenOnce(`hh_k ${attempt}`, hh_k);
        this.#checkWrittenOnce(`participant ${attempt}`, participant);
      }
      if (id !== this.sender) continue;
      const told = confirmed.map(({ participant }) => participant);
      assert.deepEqual(told.toSorted(), live.map(({ sender }) => sender).toSorted());
    }
    assert(recipients <= LIMITS.recipients);
  }

  #checkWrittenOnce(field: string, value: string | 0 | undefined): void {
    if (value === undefined || value === 0) return;
    assert.equal(this.#written.get(field) ?? value, value, field);
    this.#written.set(field, value);
  }

  /** A view's revision grows exactly when somebody else has changed the view; it never falls. */
  #checkRevisions(views: Map<ParticipantId, ChannelState>, actor: ParticipantId | undefined): void {
    for (const [id, after] of views) {
      const before = this.#views.get(id);
      if (before === undefined) continue;
      assert(after.revision >= before.revision);
      if (id === actor) continue;
      const same =
        JSON.stringify({ ...after, revision: 0 }) === JSON.stringify({ ...before, revision: 0 });
      assert.equal(
        after.revision > before.revision,
        !same,
        `${id}: ${JSON.stringify([before, after])}`,
      );
    }
  }
}

function refusal(error: unknown): { refused: string } {
  if (error instanceof Refusal) return { refused: error.wireCode };
  throw error;
}
