import { expect, test, vi } from 'vitest';
import { withKeep, withRelay } from '../../../src/api/options.js';
import { ONION } from '../../session/support/parties.js';
import { declining, guest, passwords, sender, TEXT } from './sender-and-guests.js';

// On somebody else's relay: together with a recipient it could pose as the sender to the next one.

test('with --keep each recipient gets a password of its own', async () => {
  const one = await sender(withKeep(), withRelay(ONION, 'of-the-relay'));
  expect(await guest(one).text).toBe(TEXT);
  await vi.waitFor(() => expect(passwords(one)).toHaveLength(2), 60_000);
  expect(new Set(passwords(one)).size).toBe(2);
});

test('after one that has declined the next one gets another password', async () => {
  const one = await sender(withRelay(ONION, 'of-the-relay'));
  await expect(guest(one, declining('ERR_REFUSED')).text).rejects.toThrow();
  await vi.waitFor(() => expect(passwords(one)).toHaveLength(2), 60_000);
  expect(new Set(passwords(one)).size).toBe(2);
});
