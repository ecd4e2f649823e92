import { expect, test } from 'vitest';
import { AuthenticationFailures } from '../../src/onion-http/authentication-failures.js';

const limits = { authenticationFailures: 3, authenticationFailuresMs: 1000 };

function addTo(doors: AuthenticationFailures, circuit: number | undefined, times: number): void {
  for (let i = 0; i < times; i++) doors.add(circuit);
}

test('a circuit is shut after some wrong doors, and no other circuit is', () => {
  const doors = new AuthenticationFailures(limits, () => 0);
  addTo(doors, 7, 2);
  expect(doors.isShut(7)).toBe(false);
  addTo(doors, 7, 1);
  expect([7, 8].map((circuit) => doors.isShut(circuit))).toEqual([true, false]);
});

test('it is shut for a while after the last one, and then has all its tries again', () => {
  let now = 0;
  const doors = new AuthenticationFailures(limits, () => now);
  addTo(doors, 7, 2);
  now = 900;
  addTo(doors, 7, 1);
  addTo(doors, 8, 2);
  now = 1899;
  expect(doors.isShut(7)).toBe(true);
  now = 1900;
  expect(doors.isShut(7)).toBe(false);
  addTo(doors, 7, 2);
  addTo(doors, 8, 2);
  expect([7, 8].map((circuit) => doors.isShut(circuit))).toEqual([false, false]);
});

test('where no circuit is told nobody is shut out', () => {
  const doors = new AuthenticationFailures(limits, () => 0);
  addTo(doors, undefined, 50);
  expect(doors.isShut(undefined)).toBe(false);
});

test('of more circuits than can be remembered the one that was wrong last stays shut', () => {
  const doors = new AuthenticationFailures(limits, () => 0);
  addTo(doors, 1, 3);
  addTo(doors, 2, 3);
  for (let circuit = 10; circuit < 10 + 4095; circuit++) doors.add(circuit);
  expect([1, 2].map((circuit) => doors.isShut(circuit))).toEqual([false, true]);
});
