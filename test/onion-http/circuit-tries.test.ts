import { expect, test } from 'vitest';
import { CircuitTries, type Drawable } from '../../src/onion-http/circuit-tries.js';

const on = (circuit: number | undefined): Drawable => ({ circuit });

/** Turns until it is `wanted`'s, while each that had its turn in vain waits again. */
function turnsUntil(wanted: Drawable, crowd: readonly Drawable[], tries: CircuitTries): number {
  for (let turns = 1; ; turns++) {
    const next = tries.drawNext([...crowd, wanted]);
    if (next === wanted) return turns;
    tries.spend(next?.circuit);
  }
}

test('many entries of one circuit have no better chance than one', () => {
  const many = Array.from({ length: 30 }, () => on(1));
  const one = on(2);
  const draws = Array.from({ length: 2_000 }, () => new CircuitTries().drawNext([...many, one]));
  const share = draws.filter((drawn) => drawn === one).length / draws.length;
  expect(share).toBeGreaterThan(0.4);
  expect(share).toBeLessThan(0.6);
});

test('entries without a circuit are drawn one by one', () => {
  const crowd = [on(undefined), on(undefined), on(undefined)];
  const drawn = new Set(Array.from({ length: 200 }, () => new CircuitTries().drawNext(crowd)));
  expect(drawn.size).toBe(3);
  const nobody: Drawable[] = [];
  expect(new CircuitTries().drawNext(nobody)).toBeUndefined();
});

test('a newcomer waits for one turn under a flood through 50 circuits that stay, and 26 on average under one that has just begun', () => {
  const flood = Array.from({ length: 500 }, (_, n) => on(n % 50));
  const tries = new CircuitTries();
  for (let n = 0; n < 500; n++) tries.spend(tries.drawNext(flood)?.circuit);
  expect(turnsUntil(on(99), flood, tries)).toBe(1);
  const turns = Array.from({ length: 200 }, () => turnsUntil(on(99), flood, new CircuitTries()));
  expect(Math.max(...turns)).toBeLessThanOrEqual(51);
  const mean = turns.reduce((sum, count) => sum + count, 0) / turns.length;
  expect(mean).toBeGreaterThan(20);
  expect(mean).toBeLessThan(32);
});

test('who has spent most gives way, whether it was wrong or only went', () => {
  const tries = new CircuitTries();
  tries.spend(1);
  tries.fail(2);
  tries.spend(2);
  const drawn = Array.from({ length: 50 }, () => tries.drawLast([on(1), on(2), on(3)])?.circuit);
  expect(new Set(drawn)).toEqual(new Set([2]));
});

const limits = { authenticationFailures: 3, authenticationFailuresMs: 1000 };

/** Tries whose clock stands still, and the circuits that they have shut out */
function shutting(now: () => number = () => 0): { tries: CircuitTries; shut: number[] } {
  const tries = new CircuitTries(limits, now);
  const shut: number[] = [];
  tries.whenShut((circuit) => shut.push(circuit));
  return { tries, shut };
}

function failed(tries: CircuitTries, circuit: number | undefined, times: number): void {
  for (let i = 0; i < times; i++) tries.fail(circuit);
}

test('a circuit is shut out after some failures, once, and no other circuit is', () => {
  const { tries, shut } = shutting();
  failed(tries, 7, 2);
  expect(tries.isShut(7)).toBe(false);
  failed(tries, 7, 2);
  expect([7, 8].map((circuit) => tries.isShut(circuit))).toEqual([true, false]);
  expect(shut).toEqual([7]);
});

test('turns that came to nothing shut nobody out', () => {
  const { tries, shut } = shutting();
  for (let i = 0; i < 50; i++) tries.spend(7);
  expect([tries.isShut(7), tries.spentBy(7), shut]).toEqual([false, 50, []]);
});

test('it is shut out for a while after its last failure, and then starts over', () => {
  let now = 0;
  const { tries } = shutting(() => now);
  failed(tries, 7, 2);
  now = 900;
  failed(tries, 7, 1);
  failed(tries, 8, 2);
  now = 1899;
  expect(tries.isShut(7)).toBe(true);
  now = 1900;
  expect(tries.isShut(7)).toBe(false);
  failed(tries, 7, 2);
  failed(tries, 8, 2);
  expect([7, 8].map((circuit) => tries.isShut(circuit))).toEqual([false, false]);
});

test('where the circuit is unknown nobody is shut out', () => {
  const { tries } = shutting();
  failed(tries, undefined, 50);
  expect([tries.isShut(undefined), tries.spentBy(undefined)]).toEqual([false, 0]);
});

test('of more circuits than are remembered, those that failed last stay shut out', () => {
  const { tries } = shutting();
  failed(tries, 1, 3);
  failed(tries, 2, 3);
  for (let circuit = 10; circuit < 10 + 4095; circuit++) tries.fail(circuit);
  expect([1, 2].map((circuit) => tries.isShut(circuit))).toEqual([false, true]);
});
