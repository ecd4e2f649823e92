import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ParticipantId } from '../../../src/relay-protocol/wire.js';
import { ChannelWorld, digest, idOf, LIMITS, type Outcome, type Write } from './channel-world.js';

/** A stand-in for the key agreement: only who knows the words finds the key to X and Y. */
function confirmationOf(words: string, x: string, y: string): { h_k: string; hh_k: string } {
  const key = digest(words, x, y);
  return { h_k: key.toString('base64url'), hh_k: digest(key).toString('base64url') };
}

const WORDS = 'known to two';
/** Stories of each kind, which are others in each run of the tests. */
const RUNS = 150;

/** Two honest parties and a third one who knows the access words, all at one channel. */
class Parties {
  readonly world = new ChannelWorld();
  readonly #posted = new Map<number, string>();
  readonly #thirdIds: ParticipantId[] = [];
  #recipient: ParticipantId | undefined;
  #serial = 0;

  get recipient(): ParticipantId | undefined {
    return this.#recipient;
  }

  post(): Outcome {
    const attempt = ++this.#serial;
    const x = `x${attempt}`;
    const outcome = this.world.request(this.world.sender, { attempt, x });
    // A number that was refused is still free: another X may come to stand under it.
    if (!('refused' in outcome)) this.#posted.set(attempt, x);
    return outcome;
  }

  /** Offers until all who wait have one. A number that an erring sender has spent is no answer. */
  postAll(): void {
    for (let n = 0; n < LIMITS.recipients + LIMITS.postedAttempts; n++) this.post();
  }

  /** Looks at every answer: confirms the one that is right, turns the others away. */
  judge(): void {
    const { world } = this;
    const judged = new Set<number>();
    // It sees a few at a time.
    for (;;) {
      const view = world.view(world.sender);
      if (view?.role !== 'sender') return;
      const next = view.attempts.find(
        (one) => one.phase === 'answered' && !judged.has(one.attempt),
      );
      if (next?.y === undefined) return;
      const { attempt, y, hh_k } = next;
      judged.add(attempt);
      const right = confirmationOf(WORDS, this.#posted.get(attempt) ?? '', y);
      if (right.hh_k === hh_k) world.request(world.sender, { attempt, h_k: right.h_k });
      else world.request(world.sender, { attempt, close: true });
    }
  }

  join(circuit?: number): void {
    const serial = ++this.#serial;
    this.#recipient = this.world.join(idOf(`uuid-r${serial}`), `nonce-r${serial}`, circuit);
  }

  answer(): void {
    this.#answerAs(this.#recipient, WORDS);
  }

  leave(): void {
    if (this.#recipient) this.world.request(this.#recipient, { close: true });
  }

  thirdJoins(circuit?: number): void {
    const serial = ++this.#serial;
    const id = this.world.join(idOf(`uuid-t${serial}`), `nonce-t${serial}`, circuit);
    if (id !== undefined) this.#thirdIds.push(id);
  }

  thirdGuessesEverywhere(): void {
    for (const [which] of this.#thirdIds.entries()) this.thirdTries(which, 1, which);
  }

  /** The third party does one of the things that it can do with a uuid of its own. */
  thirdTries(which: number, deed: number, number: number): void {
    const id = this.#thirdIds[which % (this.#thirdIds.length || 1)];
    if (id === undefined) return;
    const { world } = this;
    const known = world.view(id);
    const attempt = known?.role === 'recipient' ? known.attempt : undefined;
    const guess = { y: `y${number}`, hh_k: digest('guess').toString('base64url') };
    const deeds: (() => void)[] = [
      () => this.#answerAs(id, 'a wrong guess'),
      () => world.request(id, guess),
      () => world.request(id, { ...guess, attempt: number }),
      () => world.request(id, { close: true }),
      () => world.request(id, {}),
      () => world.request(id, { attempt: number, x: 'not its own' }),
      () =>
        world.request(id, {
          attempt: attempt ?? number,
          h_k: digest('guess').toString('base64url'),
        }),
      () => world.request(id, { attempt: number, close: true }),
    ];
    deeds[deed % deeds.length]?.();
  }

  /** The sender breaks the rules, too. */
  senderErrs(deed: number, number: number): void {
    const { world } = this;
    const deeds: (() => void)[] = [
      () => {
        if (this.#posted.has(number))
          world.request(world.sender, { attempt: number, x: 'another' });
      },
      () =>
        world.request(world.sender, { attempt: number, h_k: digest('x').toString('base64url') }),
      () => world.request(world.sender, { attempt: number, y: 'y', hh_k: 'h' }),
      () => world.request(world.sender, { attempt: number, close: true }),
      () => world.request(world.sender, { busy: number % 2 === 0 }),
      () => this.#asPair(number, { close: true }),
      () => this.#asPair(number, { attempt: number, x: 'x' }),
    ];
    deeds[deed % deeds.length]?.();
  }

  #asPair(which: number, write: Write): void {
    const pair = this.world.pairs[which % (this.world.pairs.length || 1)];
    if (pair !== undefined) this.world.request(pair.sender, write);
  }

  #answerAs(id: ParticipantId | undefined, words: string): void {
    const view = id === undefined ? undefined : this.world.view(id);
    if (id === undefined || view?.role !== 'recipient' || view.x === undefined) return;
    const y = `y of ${id.replace('uuid', '')}`;
    const { hh_k } = confirmationOf(words, view.x, y);
    this.world.request(id, { attempt: view.attempt ?? 0, y, hh_k });
  }
}

const number = fc.integer({ min: 1, max: 12 });
const deed = fc.integer({ min: 0, max: 7 });

const maybeCircuit = fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined });
const thirdTries = fc.tuple(deed, deed, number).map(
  ([which, what, n]) =>
    (p: Parties) =>
      p.thirdTries(which, what, n),
);

const step: fc.Arbitrary<(parties: Parties) => void> = fc.oneof(
  { weight: 4, arbitrary: fc.constant((p: Parties) => void p.post()) },
  { weight: 2, arbitrary: fc.constant((p: Parties) => p.judge()) },
  { weight: 2, arbitrary: maybeCircuit.map((circuit) => (p: Parties) => p.join(circuit)) },
  { weight: 1, arbitrary: fc.constant((p: Parties) => p.answer()) },
  { weight: 1, arbitrary: fc.constant((p: Parties) => p.leave()) },
  { weight: 4, arbitrary: maybeCircuit.map((circuit) => (p: Parties) => p.thirdJoins(circuit)) },
  { weight: 6, arbitrary: thirdTries },
  {
    weight: 1,
    arbitrary: fc.tuple(deed, number).map(
      ([what, n]) =>
        (p: Parties) =>
          p.senderErrs(what, n),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.integer({ min: 0, max: 70 }).map((ms) => (p: Parties) => p.world.pass(ms)),
  },
  { weight: 1, arbitrary: number.map((which) => (p: Parties) => p.world.flow(which)) },
);

const story = fc.array(step, { maxLength: 80, size: 'max' });

test('whatever two honest parties, a third one and the clock do, no rule is broken', () => {
  fc.assert(
    fc.property(story, (steps) => {
      const parties = new Parties();
      for (const act of steps) act(parties);
    }),
    { numRuns: RUNS },
  );
});

test('whatever has happened, an honest recipient that comes after the grace time gets through', () => {
  let got = 0;
  fc.assert(
    fc.property(story, (steps) => {
      const parties = new Parties();
      const { world } = parties;
      for (const act of steps) act(parties);
      if (world.isClosed()) return;
      // Whatever the sender has told; and one that has as many pairs as it may must end one.
      world.request(world.sender, { busy: false });
      world.pairs.forEach((pair) => pair.close());
      // Waiting recipients get attempts; one that then stays silent has no more claim.
      parties.postAll();
      parties.judge();
      world.pass(LIMITS.graceMs);
      if (world.isClosed()) return;
      world.pairs.forEach((pair) => pair.close());
      parties.join();
      parties.postAll();
      parties.answer();
      parties.judge();
      expect(world.isConfirmed(parties.recipient)).toBe(true);
      got++;
    }),
    { numRuns: RUNS },
  );
  expect(got).toBeGreaterThan(RUNS / 5);
});

test('fewer circuits than there is room for shut nobody else out, whatever they answer', () => {
  const circuit = fc.integer({ min: 1, max: LIMITS.recipients - 1 });
  const siege: fc.Arbitrary<(parties: Parties) => void> = fc.oneof(
    { weight: 4, arbitrary: circuit.map((c) => (p: Parties) => p.thirdJoins(c)) },
    { weight: 4, arbitrary: thirdTries },
    { weight: 3, arbitrary: fc.constant((p: Parties) => void p.post()) },
  );
  let full = 0;
  fc.assert(
    fc.property(fc.array(siege, { maxLength: 60, size: 'max' }), (steps) => {
      const parties = new Parties();
      const { world } = parties;
      for (const act of steps) act(parties);
      while (!('refused' in parties.post()));
      parties.thirdGuessesEverywhere();
      const phases = [...world.ids]
        .map((id) => world.view(id))
        .map((view) => view && 'phase' in view && view.phase);
      if (phases.filter((phase) => phase === 'answered').length === LIMITS.recipients) full++;
      world.pass(LIMITS.graceMs);
      parties.join(LIMITS.recipients);
      parties.post();
      parties.answer();
      parties.judge();
      expect(world.isConfirmed(parties.recipient)).toBe(true);
    }),
    { numRuns: RUNS },
  );
  expect(full).toBeGreaterThan(RUNS / 10);
});

test('a session of the two alone comes about in these stories', () => {
  const parties = new Parties();
  parties.post();
  parties.join();
  parties.answer();
  parties.judge();
  expect(parties.world.isConfirmed(parties.recipient)).toBe(true);
});
