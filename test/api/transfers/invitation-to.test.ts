import { expect, test } from 'vitest';
import { OPEN } from '../../../src/api/door.js';
import { invitationTo, isMuch } from '../../../src/api/transfers/invitation-to.js';
import { createClientKey, publicClientKey } from '../../../src/onion/client-key.js';
import { parsePassword } from '../../../src/pake/password.js';
import type { Manifest } from '../../../src/stream/manifest.js';
import { contextOn } from '../../pake/pake-context.js';

const MIB = 1024 * 1024;
const { onion } = contextOn('p256');
const none = { curve: undefined, relay: undefined, circuits: undefined };
const password = parsePassword('abacus-zoom-sprint-oxidize-elm');

function files(...sizes: (number | null)[]): Manifest {
  return {
    kind: 'files',
    entries: sizes.map((size, index) => ({
      type: 'file',
      path: [`${index}`],
      size,
      mode: 0o644,
      mtime: 0,
    })),
  };
}

test.each([
  ['a file', [16 * MIB], 'large'],
  ['many files', [8 * MIB, 8 * MIB], 'large'],
  ['less', [16 * MIB - 1], undefined],
  ['an unknown size', [16 * MIB, null], undefined],
] as const)('says whether the content is large: %s', (_, sizes, size) => {
  const invitation = invitationTo({
    ...{ onion, door: OPEN, password, settings: none },
    isMuch: isMuch(files(...sizes)),
  });
  expect(invitation.size).toBe(size);
});

test.each([
  [31, undefined],
  [32, 'large'],
])('with at most %i circuits, the invitation says %s', (circuits, size) => {
  const { size: said } = invitationTo({
    onion,
    door: OPEN,
    password,
    isMuch: true,
    settings: { ...none, circuits },
  });
  expect(said).toBe(size);
});

test('carries the password of somebody else’s relay', () => {
  const settings = { ...none, relay: { onion, password: 'of the relay' } };
  expect(invitationTo({ onion, door: OPEN, password, isMuch: false, settings })).toEqual({
    ...{ onion, curve: 'p256', password },
    relayPassword: 'of the relay',
  });
});

test('carries the one key of a private address, and of clients none', () => {
  const key = createClientKey();
  const invited = { onion, password, isMuch: false, settings: none };
  expect(invitationTo({ ...invited, door: { kind: 'shared-key', key } }).clientKey).toBe(key);
  const clients = [publicClientKey(key)] as const;
  expect(invitationTo({ ...invited, door: { kind: 'clients', clients } })).not.toHaveProperty(
    'clientKey',
  );
});
