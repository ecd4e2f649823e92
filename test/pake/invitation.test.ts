import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasCode } from '../../src/base/errors.js';
import {
  findInvitation,
  formatBrowserLink,
  formatInvitation,
  INVITATION_MAX_CHARACTERS,
  looksLikeInvitation,
  parseInvitation,
} from '../../src/pake/invitation.js';
import { parsePassword } from '../../src/pake/password.js';
import { failureOf } from '../base/failure.js';
import { hostileText, invitations } from './arbitraries.js';
import { contextOn } from './pake-context.js';

const { onion } = contextOn('p256');
const password = parsePassword('abacus-zoom-sprint-oxidize-elm');
const PLAIN = `http://${onion}/#abacus-zoom-sprint-oxidize-elm`;

describe('formatInvitation', () => {
  it('shows onion and words, and nothing else where all is as usual', () => {
    expect(formatInvitation({ onion, curve: 'p256', password })).toBe(PLAIN);
  });

  it('names the curve and the password of the relay where there are others', () => {
    expect(formatInvitation({ onion, curve: 'p384', password })).toBe(`${PLAIN};curve=p384`);
    expect(
      formatInvitation({ onion, curve: 'siec', password, relayPassword: 'Käse; 100% #1' }),
    ).toBe(`${PLAIN};curve=siec;relay=K%C3%A4se%3B%20100%25%20%231`);
  });

  it('says where there is much to come', () => {
    expect(formatInvitation({ onion, curve: 'p256', password, size: 'large' })).toBe(
      `${PLAIN};size=large`,
    );
  });

  it('writes characters alone that programs leave in a link', () => {
    fc.assert(
      fc.property(invitations, (invitation) => {
        expect(formatInvitation(invitation)).toMatch(
          /^http:\/\/[a-z2-7]{56}\.onion\/#[A-Za-z0-9%=;._-]+$/,
        );
      }),
    );
  });

  it.each([
    [{}, `http://ferry:abacus-zoom@${onion}/#abacus-zoom-sprint-oxidize-elm`],
    [
      { relayPassword: 'a:b@c/d' },
      `http://ferry:a%3Ab%40c%2Fd@${onion}/#abacus-zoom-sprint-oxidize-elm;relay=a%3Ab%40c%2Fd`,
    ],
  ])('becomes a link with the login of the relay (%j)', (more, link) => {
    const invitation = { onion, curve: 'p256', password, ...more } as const;
    expect(formatBrowserLink(invitation, 'ferry')).toBe(link);
    expect(new URL(link).hostname).toBe(onion);
  });

  it.each([
    '',
    'x'.repeat(513),
    'two\nlines',
    'zero\0',
    'half \ud800',
  ])("refuses %j as a relay's password", (relayPassword) => {
    const failure = failureOf(() =>
      formatInvitation({ onion, curve: 'p256', password, relayPassword }),
    );
    expect(failure.code).toBe('ERR_INVITATION');
    expect(failure.message).toContain('relay password must be 1 to 512 characters');
  });
});

describe('parseInvitation', () => {
  it('reads back what formatInvitation writes', () => {
    fc.assert(
      fc.property(invitations, (invitation) => {
        expect(parseInvitation(formatInvitation(invitation))).toEqual(invitation);
      }),
      { numRuns: 300 },
    );
  });

  it('reads the longest one', () => {
    const longest = {
      onion,
      curve: 'ed25519' as const,
      password: parsePassword(Array.from({ length: 8 }, () => '漢'.repeat(63)).join('-')),
      relayPassword: '漢'.repeat(512),
    };
    expect(parseInvitation(formatInvitation(longest))).toEqual(longest);
  });

  it.each([
    `  ${PLAIN}\r\n`,
    PLAIN.slice('http://'.length),
    PLAIN.replace('/#', '#'),
    PLAIN.replace('http', 'HTTPS'),
    PLAIN.replace(onion, onion.toUpperCase()),
    PLAIN.replace('.onion', ''),
    PLAIN.replace('abacus-zoom', 'Abacus%20ZOOM'),
    `${PLAIN};curve=p256`,
    `${PLAIN};size=huge`,
    `${PLAIN};curve=p256\n`,
  ])('reads %j as what it means', (text) => {
    expect(parseInvitation(text)).toEqual({ onion, curve: 'p256', password });
  });

  it.each([
    ['nothing', '', 'should be an onion address, then #'],
    ['an address without a fragment', `http://${onion}/`, 'then #'],
    ['two fragments', `${PLAIN}#`, 'then #'],
    ['no address', '#abacus-zoom-sprint-oxidize-elm', 'the onion address is not valid'],
    ['a mistyped address', PLAIN.replace('duck', 'buck'), 'checksum'],
    ['another host', PLAIN.replace(onion, 'example.org'), '56 letters'],
    ['a user in the address', PLAIN.replace('//', '//user@'), '56 letters'],
    ['an empty fragment', `http://${onion}/#`, 'at least 5 words'],
    ['too few words', PLAIN.replace('-elm', ''), 'at least 5 words'],
    ['an unknown curve', `${PLAIN};curve=p1`, 'curve is unknown'],
    ['a curve named like a property', `${PLAIN};curve=constructor`, 'curve is unknown'],
    ['an empty curve', `${PLAIN};curve=`, 'curve is unknown'],
    ['two curves', `${PLAIN};curve=p384;curve=siec`, 'unknown or repeated'],
    ['an unknown part', `${PLAIN};color=red`, 'unknown or repeated'],
    ['a part whose name ends like another', `${PLAIN};xcurve=p384`, 'unknown or repeated'],
    ["an unescaped line break in the relay's password", `${PLAIN};relay=a\nb`, 'unknown'],
    ['an unnamed part', `${PLAIN};p384`, 'unknown or repeated'],
    ['an empty part', `${PLAIN};`, 'unknown or repeated'],
    ['a part with a name of JavaScript', `${PLAIN};__proto__=x`, 'unknown or repeated'],
    ["an empty relay's password", `${PLAIN};relay=`, '1 to 512'],
    ["a line break in the relay's password", `${PLAIN};relay=a%0Ab`, 'on one line'],
    ['a broken percent-encoding', `${PLAIN};relay=%`, 'damaged'],
    ['a percent-encoding that is not UTF-8', `${PLAIN};relay=%FF`, 'damaged'],
    ['a percent-encoded surrogate', `${PLAIN};relay=%ED%A0%80`, 'damaged'],
    ['a broken percent-encoding among the words', PLAIN.replace('-elm', '-%zz'), 'damaged'],
    ['a line break within the address', PLAIN.replace('duck', 'du\nck'), '56 letters'],
    ['megabytes', `${PLAIN}${' '.repeat(5_000_000)}`, 'too long'],
  ])('refuses %s', (_, text, reason) => {
    const failure = failureOf(() => parseInvitation(text));
    expect(failure.code).toBe('ERR_INVITATION');
    expect(failure.message).toContain(reason);
  });

  it('takes as much as the longest one has, and no more', () => {
    const longest = PLAIN.padEnd(INVITATION_MAX_CHARACTERS);
    expect(parseInvitation(longest).password).toEqual(password);
    expect(findInvitation(longest).kind).toBe('invitation');
    expect(failureOf(() => parseInvitation(`${longest} `)).message).toContain('too long');
    expect(findInvitation(`${longest} `)).toEqual({ kind: 'nothing' });
  });

  it('keeps the reason why the address, the password or the key is none', () => {
    for (const [text, code] of [
      [PLAIN.replace('duck', 'buck'), 'ERR_ONION_ADDRESS'],
      [PLAIN.replace('-elm', ''), 'ERR_PASSWORD_FORM'],
      [`${PLAIN};key=short`, 'ERR_KEY'],
    ] as const) {
      expect(failureOf(() => parseInvitation(text)).cause).toMatchObject({ code });
    }
  });

  it('fails on hostile text with its own error alone', () => {
    const text = fc.oneof(
      hostileText,
      fc
        .tuple(invitations, fc.nat(400), fc.nat(8), hostileText)
        .map(([invitation, at, length, inserted]) => {
          const whole = formatInvitation(invitation);
          return whole.slice(0, at) + inserted + whole.slice(at + length);
        }),
    );
    fc.assert(
      fc.property(text, (hostile) => {
        try {
          const invitation = parseInvitation(hostile);
          expect(parseInvitation(formatInvitation(invitation))).toEqual(invitation);
        } catch (error) {
          expect(hasCode(error, 'ERR_INVITATION')).toBe(true);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('never repeats a secret in its error', () => {
    for (const text of [
      PLAIN.replace('duck', 'buck'),
      PLAIN.replace('-elm', ''),
      `${PLAIN};relay=hunter2;relay=hunter2`,
      `${PLAIN};relay=hunter2%0A`,
      `${PLAIN}%`,
    ]) {
      for (
        let error: unknown = failureOf(() => parseInvitation(text));
        error instanceof Error;
        error = error.cause
      ) {
        expect(error.message).not.toMatch(/abacus|sprint|hunter2/);
      }
    }
  });
});

describe('looksLikeInvitation', () => {
  it('knows whole and damaged ones by address and fragment', () => {
    for (const text of [
      PLAIN,
      PLAIN.toUpperCase(),
      `${onion}#word`,
      ` see ${PLAIN}`,
      'x.onion/#',
    ]) {
      expect(looksLikeInvitation(text)).toBe(true);
    }
    for (const text of [
      '',
      onion,
      `http://${onion}/`,
      'abacus-zoom-sprint-oxidize-elm',
      'notes#1.txt',
    ]) {
      expect(looksLikeInvitation(text)).toBe(false);
    }
  });
});
