import { onionAddressOf, parseOnionAddress } from '../../../src/onion/address.js';
import { fromBase32, toBase32 } from '../../../src/onion/base32.js';
import { createIdentity } from '../../../src/onion/identity.js';
import { decodeIdentityPem, encodeIdentityPem } from '../../../src/onion/pem.js';
import { formatInvitation, parseInvitation } from '../../../src/pake/invitation.js';
import { formatPassword, generatePassword, parsePassword } from '../../../src/pake/password.js';
import { damagedText } from '../damaged.js';
import { expectSame, expectThat, outcomeOf } from '../outcome.js';
import { type Target, textTarget } from '../target.js';

const identity = createIdentity(new Uint8Array(32).fill(7));
const onion = onionAddressOf(identity.publicKey);
const password = generatePassword();
const INVITATIONS = [
  formatInvitation({ onion, curve: 'p256', password }),
  formatInvitation({ onion, curve: 'siec', password, relayPassword: 'käse; #1', size: 'large' }),
];

/** What people paste and type. */
export const INVITATION_TARGETS: readonly Target[] = [
  textTarget({
    name: 'invitations',
    inputs: damagedText(...INVITATIONS),
    async judge(text) {
      const outcome = await outcomeOf(() => parseInvitation(text), 'ERR_INVITATION');
      if ('refused' in outcome) return false;
      const again = parseInvitation(formatInvitation(outcome.value));
      expectSame(again, outcome.value, 'the invitation written and read again');
      return true;
    },
  }),
  textTarget({
    name: 'passwords',
    inputs: damagedText(formatPassword(password), formatPassword(password).toUpperCase()),
    async judge(text) {
      const outcome = await outcomeOf(() => parsePassword(text), 'ERR_PASSWORD_FORM');
      if ('refused' in outcome) return false;
      expectSame(parsePassword(formatPassword(outcome.value)), outcome.value, 'it read again');
      return true;
    },
  }),
  textTarget({
    name: 'onion addresses',
    inputs: damagedText(onion, `http://${onion}/`, onion.toUpperCase()),
    async judge(text) {
      const outcome = await outcomeOf(() => parseOnionAddress(text), 'ERR_ONION_ADDRESS');
      expectThat('refused' in outcome || outcome.value.length === 62, 'an address of full length');
      return true;
    },
  }),
  textTarget({
    name: 'base32',
    inputs: damagedText(toBase32(identity.publicKey)),
    judge(text) {
      const bytes = fromBase32(text);
      if (bytes !== undefined) expectSame(toBase32(bytes), text, 'base32 written and read again');
      return true;
    },
  }),
  textTarget({
    name: 'keys',
    inputs: damagedText(encodeIdentityPem(identity)),
    async judge(pem) {
      const outcome = await outcomeOf(() => decodeIdentityPem(pem), 'ERR_KEY');
      if ('refused' in outcome) return false;
      expectSame(decodeIdentityPem(encodeIdentityPem(outcome.value)), outcome.value, 'the key');
      return true;
    },
  }),
];
