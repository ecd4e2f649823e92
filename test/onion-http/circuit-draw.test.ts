import { expect, test } from 'vitest';
import { CircuitDraw, type Drawable } from '../../src/onion-http/circuit-draw.js';

const on = (circuit: number | undefined): Drawable => ({ circuit });

/** Turns until it is `wanted`'s, while each that had its turn in vain waits again. */
function turnsUntil(wanted: Drawable, crowd: readonly Drawable[], draw: CircuitDraw): number {
  for (let turns = 1; ; turns++) {
    const next = draw.pick([...crowd, wanted]);
    if (next === wanted) return turns;
    draw.spend(next?.circuit);
  }
}

test('many entries of one circuit have no better chance than one', () => {
  const many = Array.from({ length: 30 }, () => on(1));
  const one = on(2);
  const draws = Array.from({ length: 2_000 }, () => new CircuitDraw().pick([...many, one]));
  const share = draws.filter((drawn) => drawn === one).length / draws.length;
  expect(share).toBeGreaterThan(0.4);
  expect(share).toBeLessThan(0.6);
});

test('entries without a circuit are drawn one by one', () => {
  const crowd = [on(undefined), on(undefined), on(undefined)];
  const drawn = new Set(Array.from({ length: 200 }, () => new CircuitDraw().pick(crowd)));
  expect(drawn.size).toBe(3);
  const nobody: Drawable[] = [];
  expect(new CircuitDraw().pick(nobody)).toBeUndefined();
});

test('a newcomer waits for one turn under a flood through 50 circuits that stay, and 26 on average under one that has just begun', () => {
  const flood = Array.from({ length: 500 }, (_, n) => on(n % 50));
  const draw = new CircuitDraw();
  for (let n = 0; n < 500; n++) draw.spend(draw.pick(flood)?.circuit);
  expect(turnsUntil(on(99), flood, draw)).toBe(1);
  const turns = Array.from({ length: 200 }, () => turnsUntil(on(99), flood, new CircuitDraw()));
  expect(Math.max(...turns)).toBeLessThanOrEqual(51);
  const mean = turns.reduce((sum, count) => sum + count, 0) / turns.length;
  expect(mean).toBeGreaterThan(20);
  expect(mean).toBeLessThan(32);
});
