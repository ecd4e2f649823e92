import { expect, test } from 'vitest';
import { mostOver, type Path } from './most-over.js';

const rates = (table: Readonly<Record<string, number>>) => (relay: string) => table[relay] ?? 0;

test('one path carries what its slowest relay does', () => {
  expect(mostOver([['a', 'b', 'c']], rates({ a: 5, b: 2, c: 9 }))).toBeCloseTo(2);
});

test('second hops behind one guard add up until the guard is full', () => {
  const paths: Path[] = ['w', 'x', 'y', 'z'].map((second) => ['guard', second]);
  const seconds = { w: 1, x: 2, y: 3, z: 4 };
  expect(mostOver(paths, rates({ guard: 12, ...seconds }))).toBeCloseTo(10);
  expect(mostOver(paths, rates({ guard: 6, ...seconds }))).toBeCloseTo(6);
});

test('the side that carries less is the limit of both', () => {
  const near: Path[] = [
    ['g', 'a'],
    ['g', 'b'],
  ];
  const far: Path[] = [
    ['h', 'c'],
    ['h', 'd'],
  ];
  const paths = near.flatMap((one) => far.map((other) => [...one, ...other]));
  expect(mostOver(paths, rates({ g: 12, a: 3, b: 4, h: 12, c: 1, d: 2 }))).toBeCloseTo(3);
});

test('a relay that both sides have drawn carries each byte twice', () => {
  expect(mostOver([['g', 'a', 'h', 'a']], rates({ g: 12, h: 12, a: 3 }))).toBeCloseTo(1.5);
  const paths: Path[] = [
    ['g', 'a', 'g', 'a'],
    ['g', 'a', 'g', 'b'],
    ['g', 'b', 'g', 'a'],
    ['g', 'b', 'g', 'b'],
  ];
  expect(mostOver(paths, rates({ g: 12, a: 3, b: 5 }))).toBeCloseTo(4);
  expect(mostOver(paths, rates({ g: 6, a: 3, b: 5 }))).toBeCloseTo(3);
});

test('a path with a relay that is away carries nothing, and others are not hurt', () => {
  const paths: Path[] = [
    ['g', 'a'],
    ['g', 'b'],
  ];
  expect(mostOver(paths, rates({ g: 12, a: 0, b: 4 }))).toBeCloseTo(4);
  expect(mostOver([], rates({}))).toBe(0);
});

test('it takes the paths that leave most for others, not the first', () => {
  const paths: Path[] = [
    ['a', 'b'],
    ['a', 'c'],
    ['b', 'd'],
  ];
  expect(mostOver(paths, rates({ a: 1, b: 1, c: 1, d: 1 }))).toBeCloseTo(2);
});
