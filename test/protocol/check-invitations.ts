import { describe, expect, test } from 'vitest';
import { parseClientKey } from '../../src/onion/client-key.js';
import { CURVE_NAMES, type CurveName } from '../../src/pake/curves/curve-name.js';
import invitations from '../vectors/invitations.json' with { type: 'json' };
import onions from '../vectors/onion-v3.json' with { type: 'json' };
import passwords from '../vectors/passwords.json' with { type: 'json' };
import type { code } from './code.js';

export type Code = typeof code;

interface InvitationVector {
  readonly onion: string;
  readonly curve: string;
  readonly access: string;
  readonly secret: string;
  readonly relay?: string;
  readonly size?: string;
  readonly key?: string;
}

/** JSON imports say `string` where a vector has the name of a curve. */
export function curveOf(name: string): CurveName {
  const curve = CURVE_NAMES.find((known) => known === name);
  if (curve === undefined) throw new Error(`no curve: ${name}`);
  return curve;
}

/** Sections 3.1 to 3.3 of docs/protocol.md. */
export function checkInvitations({
  formatInvitation,
  parseInvitation,
  parseOnionAddress,
  parsePassword,
}: Code): void {
  function meant(vector: InvitationVector): ReturnType<typeof parseInvitation> {
    const { onion, curve, access, secret, relay, size, key } = vector;
    return {
      onion: parseOnionAddress(onion),
      curve: curveOf(curve),
      password: parsePassword(`${access}-${secret}`),
      ...(relay !== undefined && { relayPassword: relay }),
      ...(size !== undefined && { size: 'large' }),
      ...(key !== undefined && { clientKey: parseClientKey(key) }),
    };
  }

  describe('onion addresses', () => {
    test.each(onions.wellKnown)('%s is one', (address) => {
      expect(parseOnionAddress(address)).toBe(address);
    });

    test.each(onions.refused)('are refused: $name', ({ text }) => {
      expect(() => parseOnionAddress(text)).toThrow(
        expect.objectContaining({ code: 'ERR_ONION_ADDRESS' }),
      );
    });
  });

  describe('passwords', () => {
    test.each(passwords.read)('$text is read in two parts', ({ text, access, secret }) => {
      expect(Object.values(parsePassword(text))).toEqual([access, secret]);
    });

    test.each(passwords.refused)('%j is refused', (text) => {
      expect(() => parsePassword(text)).toThrow(
        expect.objectContaining({ code: 'ERR_PASSWORD_FORM' }),
      );
    });
  });

  describe('invitations', () => {
    test.each(invitations.formatted)('$text is written and read', ({ text, ...vector }) => {
      expect(formatInvitation(meant(vector))).toBe(text);
      expect(parseInvitation(text)).toEqual(meant(vector));
    });

    test.each(invitations.read)('are read with $name', ({ text, ...vector }) => {
      expect(parseInvitation(text)).toEqual(meant(vector));
    });

    test.each(invitations.refused)('are refused: $name', ({ text }) => {
      expect(() => parseInvitation(text)).toThrow(
        expect.objectContaining({ code: 'ERR_INVITATION' }),
      );
    });
  });
}
