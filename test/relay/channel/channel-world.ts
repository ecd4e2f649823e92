import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { Channel, type ChannelLimits } from '../../../src/relay/channel/channel.js';
import { Refusal } from '../../../src/relay-protocol/refusal.js';
import type {
  ChannelRequest,
  ChannelState,
  ParticipantId,
} from '../../../src/relay-protocol/wire.js';

export const LIMITS: ChannelLimits = {
  recipients: 4,
  recipientsPerCircuit: 2,
  postedAttempts: 3,
  silentMs: 60,
  graceMs: 10,
  idleMs: 200,
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

/** A channel with everything that was ever seen of it; each step checks what must always hold. */
export class ChannelWorld {
  readonly sender: ParticipantId = idOf('uuid-sender');
  readonly channel: Channel = new Channel(
    { name: 'a-b', curve: 'p256', sender: idOf('uuid-sender'), nonce: 'nonce-s', limits: LIMITS },
    0,
  );
  now = 0;
  /** Everybody who ever took part */
  readonly ids: Set<ParticipantId> = new Set([this.sender]);
  /** Who may end the channel now */
  #mayClose = false;
  readonly #circuits = new Map<ParticipantId, number>();
  readonly #everConfirmed = new Set<ParticipantId>();
  readonly #written = new Map<string, string>();
  #views = new Map<ParticipantId, ChannelState>([[this.sender, this.channel.state(this.sender)]]);
  #lastFlow = Number.NEGATIVE_INFINITY;
  #lastActive = 0;

  pass(ms: number): void {
    this.#step(undefined, () => {
      this.now += ms;
      this.channel.advance(this.now);
      return undefined;
    });
  }

  flow(): void {
    this.#step(undefined, () => {
      if (this.channel.closed || this.channel.confirmed === undefined) return undefined;
      this.channel.staple();
      this.channel.flow(this.now);
      this.#lastFlow = this.now;
      this.#lastActive = this.now;
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
        return { state: this.channel.request({ channel: 'a-b', uuid, ...write }, this.now) };
      } catch (error) {
        return refusal(error);
      }
    };
    const sentByPair = uuid === this.sender || uuid === this.channel.confirmed;
    const first = this.#step(uuid, () => {
      this.#mayClose = sentByPair && write.close === true;
      const outcome = post();
      if (sentByPair && !this.channel.closed) this.#lastActive = this.now;
      return outcome;
    });
    this.#mayClose = false;
    if (write.close === true) return first;
    const before = this.#look();
    assert.deepEqual(post(), first);
    assert.deepEqual(this.#look(), before);
    return first;
  }

  isClosed(): boolean {
    return this.channel.closed;
  }

  confirmed(): ParticipantId | undefined {
    return this.channel.confirmed;
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
    const wasClosed = this.channel.closed;
    const result = act();
    const views = this.#look();
    this.#checkClosing(wasClosed);
    this.#checkViews(views);
    this.#checkRevisions(views, actor);
    this.#views = views;
    return result;
  }

  #look(): Map<ParticipantId, ChannelState> {
    const views = new Map<ParticipantId, ChannelState>();
    for (const id of this.ids) {
      if (this.channel.has(id)) views.set(id, structuredClone(this.channel.state(id)));
      else assert.throws(() => this.channel.state(id), Refusal);
    }
    return views;
  }

  /** Only the pair and the clock end a channel; afterwards nothing answers. */
  #checkClosing(wasClosed: boolean): void {
    if (!this.channel.closed) {
      assert(!wasClosed);
      assert(this.channel.has(this.sender));
      return;
    }
    if (!wasClosed && !this.#mayClose) {
      const idle = this.now - this.#lastActive >= LIMITS.idleMs;
      const old = this.now >= LIMITS.lifetimeMs && this.now - this.#lastFlow >= LIMITS.idleMs;
      assert(idle || old);
    }
    const deaf = { message: 'no-such-channel' };
    for (const id of this.ids) {
      assert(!this.channel.has(id));
      assert.throws(() => this.channel.state(id), deaf);
      assert.throws(() => this.channel.request({ channel: 'a-b', uuid: id }, this.now), deaf);
      assert.throws(() => this.channel.useStream(id, 0, this.now), deaf);
    }
    assert.throws(() => this.channel.join(idOf('new'), 'new', undefined, this.now), deaf);
  }

  #checkViews(views: Map<ParticipantId, ChannelState>): void {
    let recipients = 0;
    for (const [id, view] of views) {
      const text = JSON.stringify(view);
      for (const other of this.ids) assert(!text.includes(other), `${text} has ${other}`);
      if (view.role === 'recipient') {
        recipients++;
        const confirmed = view.phase === 'confirmed';
        assert.equal(view.h_k !== undefined, confirmed);
        assert.equal(this.channel.confirmed === id, confirmed);
        if (confirmed) this.#everConfirmed.add(id);
        this.#checkWrittenOnce(`x ${view.attempt}`, view.x);
        this.#checkWrittenOnce(`recipient of ${view.attempt}`, view.attempt && id);
        this.#checkWrittenOnce(`h_k ${view.attempt}`, view.h_k);
        continue;
      }
      assert(!text.includes('"h_k"'));
      const posted = view.attempts.filter(({ phase }) => phase === 'posted');
      assert(posted.length <= LIMITS.postedAttempts);
      assert(view.attempts.length <= LIMITS.postedAttempts + LIMITS.recipients);
      for (const { attempt, y, hh_k } of view.attempts) {
        this.#checkWrittenOnce(`y ${attempt}`, y);
        this.#checkWrittenOnce(`hh_k ${attempt}`, hh_k);
      }
    }
    assert(recipients <= LIMITS.recipients);
    assert(this.#everConfirmed.size <= 1);
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
