import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { createIdentity } from '../../src/onion/identity.js';
import { Homes } from '../../src/relay-protocol/homes.js';
import type { ParticipantId } from '../../src/relay-protocol/wire.js';

const [first, second] = [createIdentity().address, createIdentity().address];
// A fresh uuid is what the brand stands for.
const newUuid = (): ParticipantId => randomUUID() as ParticipantId;
const uuid = newUuid();

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

test('what is asked about is remembered, however many others come and go', () => {
  const homes = new Homes();
  homes.set('a-b', first);
  homes.meet({ channel: 'a-b', uuid });
  homes.set('a-b', second);
  for (let n = 0; n < 3000; n++) {
    homes.set(`channel-${n}`, first);
    homes.meet({ channel: `channel-${n}`, uuid: newUuid() });
    homes.of('a-b');
    homes.of('a-b', uuid);
  }
  expect([homes.of('a-b'), homes.of('a-b', uuid)]).toEqual([second, first]);
  expect(homes.of('channel-0')).toBeUndefined();
});

test('who has left is forgotten', () => {
  const homes = new Homes();
  homes.set('a-b', first);
  homes.meet({ channel: 'a-b', uuid });
  homes.part(uuid);
  homes.set('a-b', second);
  expect(homes.of('a-b', uuid)).toBe(second);
});
