import { describe, expect, test } from 'vitest';
import { fragmentBehind, lastWordOf } from '../../src/pake/pasted-password.js';
import { isListed } from '../../src/pake/spelling.js';

/** As a password of five words, with whatever belongs to it. */
const isWhole = (fragment: string): boolean =>
  /^[\p{L}%\d]+(?:-[\p{L}%\d]+){4,7}(?:;|$)/u.test(fragment);

const WORDS = 'abacus-zoom-sprint-oxidize-elm';
const SIX = 'preheated-gnarly-smoked-snugly-silenced-rigid';
const FOUR = 'abacus-zoom-sprint-oxidize';
const PARTS = `${WORDS};curve=p384;relay=relay%2Epass`;

describe('behind # stands', () => {
  test.each<[string, string, string]>([
    ['a password', WORDS, WORDS],
    ['and more of a sentence', `${WORDS} well-known`, WORDS],
    ['and more behind a comma', `${WORDS}, well-known`, WORDS],
    ['and another name behind a dash', `${WORDS}\u2014elm`, WORDS],
    ['a password in emphasis', `**${WORDS}**`, WORDS],
    ['and underlined', `_${WORDS}_`, WORDS],
    ['and in brackets with a space', `( ${WORDS} )`, WORDS],
    ['its words with underscores', WORDS.replaceAll('-', '_'), WORDS],
    ['its words with spaces', WORDS.replaceAll('-', ' '), WORDS],
    ['its words in lines, of six', SIX.replaceAll('-', '\n'), SIX],
    ['six words, and a seventh', `${SIX.replaceAll('-', ' ')} later`, SIX],
    ['six words with full stops', SIX.replaceAll('-', '. '), SIX],
    ['six words with hyphens apart', SIX.replaceAll('-', ' - '), SIX],
    [
      'six of which one has digits',
      SIX.replaceAll('-', ' ').replace('rigid', 'xyz12'),
      SIX.replace('-rigid', ''),
    ],
    [
      'six of which one is too long',
      SIX.replaceAll('-', ' ').replace('rigid', 'xyzzyxyzzyx'),
      SIX.replace('-rigid', ''),
    ],
    ['a part without a value', `${WORDS};abc`, WORDS],
    ['and words behind it', `${WORDS};abc def`, WORDS],
    ['and hyphens in it', `${WORDS};a-b`, WORDS],
    ['a semicolon', `${WORDS};`, WORDS],
    ['a part that is named', `${WORDS};abc=`, `${WORDS};abc=`],
    ['parts', PARTS, PARTS],
    ['parts that a line went through, within a code', PARTS.replace('%2E', '%2\nE'), PARTS],
    ['and right behind its mark', PARTS.replace('%2E', '%\n2E'), PARTS],
    ['and before it', PARTS.replace('%2E', '\n%2E'), PARTS],
    ['and behind the name of a part', PARTS.replace('curve=', 'curve=\n'), PARTS],
    ['and before one', PARTS.replace(';relay', ' ;relay'), PARTS],
    [
      'a password of a relay with marks',
      `${WORDS};relay=a.b~c;curve=p384`,
      `${WORDS};relay=a.b~c;curve=p384`,
    ],
    ['which others may not have', `${WORDS};curve=p384.b;relay=a`, `${WORDS};curve=p384`],
    ['nor the words', `${WORDS}.relay=a.b`, WORDS],
    ['marks at the end', `${WORDS}-._~`, WORDS],
    ['too few words, and a comma', `${FOUR}, xyzzyx`, FOUR],
    ['a word with capitals alone', 'ABC', 'ABC'],
    ['nothing', ' ', ''],
  ])('%s', (_, text, fragment) => {
    expect(fragmentBehind(text, { isWhole, isWord: isListed })).toBe(fragment);
  });

  test.each<[string, string, string, string]>([
    ['a word that a line went through', WORDS.replace('sprint', 'spr\nint'), WORDS, WORDS],
    [
      'one that is not listed',
      WORDS.replace('sprint', 'xyz\nzyx'),
      WORDS.replace('sprint', 'xyzzyx'),
      WORDS.replace('sprint', 'xyzzyx'),
    ],
    ['a listed word in a line of its own', `${FOUR}\nelm`, WORDS, `${FOUR}elm`],
    ['the last word told', `${FOUR}, zoom`, `${FOUR}-zoom`, FOUR],
    [
      'the last word told behind one that is not listed',
      `${FOUR.replace('oxidize', 'xyzzyx')}, elm`,
      FOUR.replace('oxidize', 'xyzzyx'),
      FOUR.replace('oxidize', 'xyzzyx'),
    ],
    [
      'six words, one of them not listed',
      SIX.replaceAll('-', ' ').replace('rigid', 'xyzzy'),
      SIX.replace('-rigid', ''),
      SIX.replace('rigid', 'xyzzy'),
    ],
    [
      'the last word in two lines',
      WORDS.replace('elm', 'el\nm'),
      WORDS,
      WORDS.replace('elm', 'el'),
    ],
    ['a whole password before a line that ends in it', `${WORDS}\nzoom`, WORDS, WORDS],
  ])('with the list of words and without: %s', (_, text, listed, without) => {
    expect(fragmentBehind(text, { isWhole, isWord: isListed })).toBe(listed);
    expect(fragmentBehind(text, { isWhole })).toBe(without);
  });
});

test('the last word of a text is what it ends in, as far as a word is long', () => {
  expect(lastWordOf('one-two3')).toBe('two3');
  expect(lastWordOf('one-')).toBe('');
  expect(lastWordOf('')).toBe('');
  expect(lastWordOf('x'.repeat(100))).toBe('x'.repeat(64));
});
