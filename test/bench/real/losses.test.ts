import { expect, test } from 'vitest';
import { lossesOf } from './losses.js';
import type { Traced, TracedRun, TraceLine } from './trace.js';

/** Guards 0 and 1, the recipient's second hops A and B, the sender's C and D, meeting points E and F. */
const RATES = { 0: 12e6, 1: 12e6, A: 1e6, B: 1e6, C: 4e6, D: 1e6, E: 12e6, F: 12e6 };
const fingerprint = (letter: string): string => letter.repeat(40);
const relays = Object.entries(RATES).map(([nickname, rateBytes]) => ({
  ...{ nickname, rateBytes, fingerprint: fingerprint(nickname) },
}));

/** A circuit of one side, which is built at once and carries so many bytes each second. */
function half(side: 'sender' | 'recipient', id: number, path: string, bytes: number): Traced[] {
  const purpose = side === 'sender' ? 'HS_SERVICE_REND' : 'HS_CLIENT_REND';
  const hops = Array.from(path, (letter) => `$${fingerprint(letter)}`).join(',');
  const direction = side === 'sender' ? 'WRITTEN' : 'READ';
  return [
    { event: 'CIRC', side, line: `${id} BUILT ${hops} PURPOSE=${purpose}` },
    { event: 'CIRC_BW', side, line: `ID=${id} READ=1 DELIVERED_${direction}=${bytes}` },
  ];
}

function traceOf(halves: readonly Traced[], done: TracedRun): TraceLine[] {
  return [
    { at: 0, event: 'relays', relays },
    { at: 0, event: 'begin', name: 'default' },
    ...halves.map((line) => ({ at: line.event === 'CIRC' ? 500 : 1_500, ...line })),
    { at: 3_000, event: 'end', name: 'default', done },
  ];
}

test('a trace tells what the circuits could carry at most, by fair shares, and what they did', () => {
  const rates = Object.fromEntries(relays.map((one) => [one.fingerprint, one.rateBytes]));
  const done = { bytes: 3e6, seconds: 3, innerRate: 1.2e6, bound: 2e6, spells: [] };
  // The third goes through A and D, which are full: what it carries, both others lack.
  const halves = [
    ...[...half('recipient', 1, '0AE', 6e5), ...half('sender', 1, '1CE', 6e5)],
    ...[...half('recipient', 2, '0BF', 5e5), ...half('sender', 2, '1DF', 5e5)],
    ...[...half('recipient', 3, '0AF', 1e5), ...half('sender', 3, '1DF', 1e5)],
  ];
  const spells = [{ seconds: 3, rates }];
  expect(lossesOf(traceOf(halves, { ...done, spells }))).toBe(
    'default: bound 2.00 MB/s; its circuits 2.00 at most, 1.50 by fair shares; ' +
      'carried 1.20 while anything moved, 1.20 from first to last byte, 1.00 in all; ' +
      'fullest relays A 0.70, D 0.60, B 0.50, C 0.15, 0 0.10, 1 0.10',
  );
});

test('a circuit whose other half is not told does not count', () => {
  const rates = Object.fromEntries(relays.map((one) => [one.fingerprint, one.rateBytes]));
  const done = { bytes: 3e6, seconds: 3, innerRate: 1.2e6, bound: 2e6 };
  const halves = [
    ...[...half('recipient', 1, '0AE', 6e5), ...half('sender', 1, '1CE', 6e5)],
    ...half('recipient', 2, '0BF', 5e5),
  ];
  const told = lossesOf(traceOf(halves, { ...done, spells: [{ seconds: 3, rates }] }));
  expect(told).toContain('carried 0.60 while anything moved');
});
