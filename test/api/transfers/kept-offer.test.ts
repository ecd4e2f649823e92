import { expect, test } from 'vitest';
import { withExpiry, withKeep } from '../../../src/api/options.js';
import { applyOptions } from '../../../src/api/settings.js';
import { keptOffer, remainingMs } from '../../../src/api/transfers/kept-offer.js';

const BEGUN = Date.UTC(2026, 0, 1);
const HOUR_MS = 3_600_000;

test('an offer that is resumed expires when it would have without the interruption', () => {
  const kept = keptOffer(applyOptions([withKeep(), withExpiry(HOUR_MS)]), BEGUN);
  expect(kept?.expiresAt).toBe('2026-01-01T01:00:00.000Z');
  expect(remainingMs(kept!, BEGUN + HOUR_MS / 4)).toBe((HOUR_MS * 3) / 4);
  expect(remainingMs(kept!, BEGUN + 2 * HOUR_MS)).toBe(0);
});

test('an offer without an expiry has none after it is resumed', () => {
  const kept = keptOffer(applyOptions([withKeep()]), BEGUN);
  expect(remainingMs(kept!, BEGUN + 1000 * HOUR_MS)).toBeUndefined();
  expect(keptOffer(applyOptions([]), BEGUN)).toBeUndefined();
});
