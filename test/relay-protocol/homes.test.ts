import { expect, test } from 'vitest';
import { createIdentity } from '../../src/onion/identity.js';
import { Homes } from '../../src/relay-protocol/homes.js';
import type { ParticipantId } from '../../src/relay-protocol/wire.js';

const [first, second] = [createIdentity().address, createIdentity().address];
// A fixed one of the right form.
const uuid = '00000000-0000-4000-8000-000000000001' as ParticipantId;

test('a channel that moves leaves those who have met where they have met', () => {
  const homes = new Homes();
  homes.set('a-b', first);
  homes.meet({ channel: 'a-b', uuid });
  homes.set('a-b', second);
  // Told with every state.
  homes.meet({ channel: 'a-b', uuid });
  expect([homes.of('a-b', uuid), homes.of('a-b'), homes.latest]).toEqual([first, second, second]);
  homes.forget('a-b');
  expect([homes.of('a-b', uuid), homes.of('a-b')]).toEqual([first, undefined]);
});

test('who has met at the relay’s own address stays there', () => {
  const homes = new Homes();
  homes.meet({ channel: 'a-b', uuid });
  homes.set('a-b', second);
  expect(homes.of('a-b', uuid)).toBeUndefined();
});
