import { expect } from 'vitest';

/**
 * Expects calls in this order: of the first, all of them before the rest; of the others, the first
 * one.
 */
export function expectOrder(calls: readonly string[], ...order: readonly string[]): void {
  const at = order.map((call, i) => (i === 0 ? calls.lastIndexOf(call) : calls.indexOf(call)));
  expect(at, order.join(' → ')).not.toContain(-1);
  expect(at, order.join(' → ')).toEqual([...at].sort((a, b) => a - b));
}
