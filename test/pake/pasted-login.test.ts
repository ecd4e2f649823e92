import { describe, expect, test } from 'vitest';
import { findInvitation, readInvitation } from '../../src/pake/invitation.js';
import { isListed } from '../../src/pake/spelling.js';
import { failureOf } from '../base/failure.js';
import { LOGINS, SEPARATE_WORDS, SHARE_SCREEN } from './pasted-logins.js';

const HOST = '25njqamcweflpvkl73j4szahhihoc4xt3ktcgjnpaingr5yhkenl5sid';
const OTHER = '2gzyxa5ihm7nsggfxnu52rck2vv4rvmdlkiu3zzui5du4xyclen53wid';
const WORDS = 'preheated-gnarly-smoked-snugly-silenced-rigid';
const ADDRESS = `http://${HOST}.onion/`;
const WHOLE = `${ADDRESS}#${WORDS}`;

describe('an address and a password are one invitation', () => {
  test.each(LOGINS)('%s', (_, textOf) => {
    const found = findInvitation(textOf(HOST, WORDS), isListed);
    expect(found).toEqual({ kind: 'invitation', text: WHOLE });
  });

  test('also without the list of words, if the password has a label', () => {
    const text = `Address: ${ADDRESS}\nPassword: ${WORDS}`;
    expect(findInvitation(text)).toEqual({ kind: 'invitation', text: WHOLE });
  });

  test('with the password of a relay and the key of a private address beside them', () => {
    const key = `${'a'.repeat(51)}q`;
    const text = `${ADDRESS}\n\n  user      ferry\n  relay     a; b\n  password  ${WORDS}\n\n  key       ${key}\n`;
    expect(findInvitation(text, isListed)).toEqual({
      kind: 'invitation',
      text: `${WHOLE};relay=a%3B%20b;key=${key}`,
    });
  });

  test('with the key beside a login of a browser', () => {
    const key = `${'a'.repeat(51)}q`;
    const text = `http://ferry:${WORDS.toUpperCase()}@${HOST}.onion/\npassword: ${WORDS}\nkey: ${key}`;
    expect(findInvitation(text, isListed)).toEqual({
      kind: 'invitation',
      text: `${WHOLE};key=${key}`,
    });
  });

  test('with capitals in what belongs to the password', () => {
    const text = `${ADDRESS}\nPassword: ${WORDS.toUpperCase()};relay=Secret`;
    expect(findInvitation(text, isListed)).toEqual({
      kind: 'invitation',
      text: `${WHOLE};relay=Secret`,
    });
  });

  test('and an invitation goes before both', () => {
    const text = `${ADDRESS}\npassword: one-two-three-four-five\n${WHOLE};curve=p384`;
    const found = findInvitation(text, isListed);
    expect(found).toEqual({ kind: 'invitation', text: `${WHOLE};curve=p384` });
  });
});

test('the password of a relay is that alone, whatever it looks like', () => {
  const other = WORDS.replace('rigid', 'zoom');
  for (const line of [`relay password: ${other}`, `Relay:  ${other}  `, `> relay = ${other}`]) {
    expect(findInvitation(`${ADDRESS}\n${line}\n${WORDS}`, isListed)).toEqual({
      kind: 'invitation',
      text: `${WHOLE};relay=${other}`,
    });
    // Without another one there is no password.
    expect(findInvitation(`${ADDRESS}\n${line}\n`, isListed)).toEqual({
      kind: 'address',
      text: ADDRESS,
    });
  }
});

test('a whole password goes before what is none', () => {
  const text = `${ADDRESS}\nPassword: one-two-three\nPassword: ${WORDS}`;
  expect(findInvitation(text, isListed)).toEqual({ kind: 'invitation', text: WHOLE });
});

test('words that hyphens join are a password if all of them are listed', () => {
  for (const text of [
    `${ADDRESS}\n${WORDS.replace('gnarly', 'xyzzyx')}`,
    `${ADDRESS}\nxyzzyx-${WORDS}-abacus-zoom`,
    `${ADDRESS}\nnotes/${WORDS}`,
  ]) {
    expect(findInvitation(text, isListed)).toEqual({ kind: 'address', text: ADDRESS });
  }
  expect(findInvitation(`${ADDRESS}\n${WORDS}`)).toEqual({ kind: 'address', text: ADDRESS });
});

test.each([
  ['behind an equals sign', 'Password = one-two'],
  ['in bold', '**Password**: one-two'],
  ['with a digit', 'Password: hunter2'],
])('what is too short is told of if its label says that it is all, %s', (_, line) => {
  const found = findInvitation(`${ADDRESS}\n${line}\n`, isListed);
  expect(found.kind).toBe('invitation');
});

test.each([
  ['in a sentence', 'The password is one-two, or so'],
  ['behind a dash', 'Password - one-two'],
  ['with more behind it', 'Password: one-two three'],
])('what is too short is not, %s', (_, line) => {
  expect(findInvitation(`${ADDRESS}\n${line}\n`, isListed)).toEqual({
    kind: 'address',
    text: ADDRESS,
  });
});

test('a password goes on in the next line behind or before a hyphen, or within a word alone', () => {
  const words = (text: string): string => WORDS.replace('smoked-snugly', text);
  for (const broken of ['smoked-\n  snugly', 'smoked\n-snugly', 'smo\nked-snugly']) {
    const text = `${ADDRESS}\nPassword: ${words(broken)}\nuser: ferry`;
    expect(findInvitation(text, isListed)).toEqual({ kind: 'invitation', text: WHOLE });
  }
  const text = `${ADDRESS}\nPassword: ${WORDS}\nsnugly`;
  expect(findInvitation(text, isListed)).toEqual({ kind: 'invitation', text: WHOLE });
});

describe('a generated password keeps its sixth word', () => {
  test.each(SEPARATE_WORDS)('with its words %s', (_, separator) => {
    const text = `${ADDRESS}#${WORDS.replaceAll('-', separator)}`;
    for (const isWord of [isListed, undefined]) {
      expect(findInvitation(`${text}\n\nsee you`, isWord)).toEqual({
        kind: 'invitation',
        text: WHOLE,
      });
    }
  });
});

test.each([
  ['a sentence about it', `Address: ${ADDRESS}\nPassword: I will call you`],
  ['a longer sentence', `${ADDRESS}\nDas Passwort sage ich dir morgen am Telefon`],
  ['a sentence of short words', `${ADDRESS}\nPassword: you will hear it later today`],
  ['a word', `Address: ${ADDRESS}\nPassword: later`],
  ['a label without a value', SHARE_SCREEN(HOST, '').replace(/#.*/, '')],
])('%s instead of the password is left to the question for it', (_, text) => {
  expect(findInvitation(text, isListed)).toEqual({ kind: 'address', text: ADDRESS });
});

test('a sentence before the password does not become part of it', () => {
  const text = `${ADDRESS}\nThe password is for you ${WORDS}`;
  expect(findInvitation(text, isListed)).toEqual({ kind: 'invitation', text: WHOLE });
});

test('56 letters and a word are no address and password', () => {
  expect(findInvitation(HOST, isListed).kind).toBe('nothing');
  expect(findInvitation(`${HOST}\npassword: later`, isListed).kind).toBe('nothing');
});

test.each([
  ['too few words', `Address: ${ADDRESS}\nPassword: one-two-three`, 'this one has fewer'],
  [
    'words of another line, which are not taken for its own,',
    `Address: ${ADDRESS}\nPassword: preheated-gnarly-smoked-snugly\nthanks`,
    'this one has fewer',
  ],
  [
    'two passwords',
    `${ADDRESS}\nPassword: ${WORDS}\nPassword: ${WORDS.replace('rigid', 'zoom')}`,
    'several in this text',
  ],
  [
    'two addresses',
    `${ADDRESS}\nhttp://${OTHER}.onion/\nPassword: ${WORDS}`,
    'several in this text',
  ],
  ['a mistyped address', `Address: ${ADDRESS.replace('25', '26')}\nPassword: ${WORDS}`, 'checksum'],
])('%s: the true reason is given', (_, text, reason) => {
  const found = findInvitation(text, isListed);
  const failure = failureOf(() => readInvitation(found.kind === 'invitation' ? found.text : text));
  expect(failure.code).toBe('ERR_INVITATION');
  expect(failure.message).toContain(reason);
});
