import { expect, test } from 'vitest';
import { AuthenticationFailures } from '../../src/onion-http/access.js';

const limits = { authenticationFailures: 3, authenticationFailuresMs: 1000 };

function addTo(failures: AuthenticationFailures, circuit: number | undefined, times: number): void {
  for (let i = 0; i < times; i++) failures.add(circuit);
}

test('a circuit is shut out after some failures, and no other circuit is', () => {
  const failures = new AuthenticationFailures(limits, () => 0);
  addTo(failures, 7, 2);
  expect(failures.isShut(7)).toBe(false);
  addTo(failures, 7, 1);
  expect([7, 8].map((circuit) => failures.isShut(circuit))).toEqual([true, false]);
});

test('it is shut out for a while after its last failure, and then starts over', () => {
  let now = 0;
  const failures = new AuthenticationFailures(limits, () => now);
  addTo(failures, 7, 2);
  now = 900;
  addTo(failures, 7, 1);
  addTo(failures, 8, 2);
  now = 1899;
  expect(failures.isShut(7)).toBe(true);
  now = 1900;
  expect(failures.isShut(7)).toBe(false);
  addTo(failures, 7, 2);
  addTo(failures, 8, 2);
  expect([7, 8].map((circuit) => failures.isShut(circuit))).toEqual([false, false]);
});

test('where the circuit is unknown nobody is shut out', () => {
  const failures = new AuthenticationFailures(limits, () => 0);
  addTo(failures, undefined, 50);
  expect(failures.isShut(undefined)).toBe(false);
});

test('of more circuits than are remembered, those that failed last stay shut out', () => {
  const failures = new AuthenticationFailures(limits, () => 0);
  addTo(failures, 1, 3);
  addTo(failures, 2, 3);
  for (let circuit = 10; circuit < 10 + 4095; circuit++) failures.add(circuit);
  expect([1, 2].map((circuit) => failures.isShut(circuit))).toEqual([false, true]);
});
