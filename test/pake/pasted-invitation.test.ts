import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createClientKey } from '../../src/onion/client-key.js';
import {
  findInvitation,
  formatInvitation,
  looksLikeInvitation,
  parseInvitation,
  readInvitation,
} from '../../src/pake/invitation.js';
import { isListed } from '../../src/pake/spelling.js';
import { failureOf } from '../base/failure.js';

const HOST = '25njqamcweflpvkl73j4szahhihoc4xt3ktcgjnpaingr5yhkenl5sid';
const WORDS = 'abacus-zoom-sprint-oxidize-elm';
const WHOLE = `http://${HOST}.onion/#${WORDS}`;
const LONGER = `${WHOLE};curve=p384;relay=relay%2Epass`;

/** The invitation that a pasted text holds, as it was made. */
function read(text: string): string {
  const found = findInvitation(text, isListed);
  return formatInvitation(parseInvitation(found.kind === 'invitation' ? found.text : text));
}

const at = (position: number, inserted: string): string =>
  WHOLE.slice(0, position) + inserted + WHOLE.slice(position);

describe('an invitation is read', () => {
  test.each([
    ['in quotes', `"${WHOLE}"`],
    ['in typographic quotes', `“${WHOLE}”, ‘${WHOLE}’, «${WHOLE}»`],
    ['in brackets', `(${WHOLE}) [${WHOLE}] {${WHOLE}}`],
    ['in angle brackets', `<${WHOLE}>`],
    ['in backticks', `\`${WHOLE}\``],
    ['as a block of code', `\`\`\`\n${WHOLE}\n\`\`\``],
    ['bold', `**${WHOLE}**`],
    ['in italics', `_${WHOLE}_`],
    ['as a link of Markdown', `[open this](${WHOLE})`],
    ['as a link of Markdown that shows itself', `[${WHOLE}](${WHOLE})`],
    ['with the escapes of Markdown', WHOLE.replace('#', '\\#').replaceAll('-', '\\-')],
    ['as Slack writes links', `<${WHOLE}|${WHOLE}>`],
    ['as HTML', `<p><a href="${WHOLE}">${WHOLE}</a></p>`],
    ['with references of HTML', WHOLE.replace('#', '&#35;').replace('/#', '&#x2F;#')],
    ['with a break of HTML', at(71, '<br>')],
    ['before &amp;', `${WHOLE}&amp;from=chat`],
    ['with a full stop behind', `${WHOLE}.`],
    ['with a comma behind', `${WHOLE}, thanks`],
    ['with an exclamation mark behind', `${WHOLE}!`],
    ['with an ellipsis behind', `${WHOLE}…`],
    ['with a semicolon behind', `${WHOLE};`],
    ['within a sentence', `hey, here: ${WHOLE} use it soon`],
    ['before another line', `${WHOLE}\nuse it soon`],
    ['before a signature', `${WHOLE}\n-- \nBob`],
    ['behind a name', `Bob:${WHOLE}`],
    ['between emoji', `👉${WHOLE}👈`],
    ['broken within the address', at(40, '\r\n')],
    ['broken before the password', at(71, '\n')],
    ['broken behind a hyphen', WHOLE.replace('zoom-', 'zoom-\r\n')],
    ['broken before a hyphen', WHOLE.replace('-oxidize', '\n-oxidize')],
    ['broken within a word', WHOLE.replace('sprint', 'spr\nint')],
    ['broken within the last word', WHOLE.replace('elm', 'el\nm')],
    ['broken in .onion', WHOLE.replace('.onion', '.on\nion')],
    ['broken and quoted', `> ${WHOLE.slice(0, 60)}\r\n> ${WHOLE.slice(60)}`],
    ['broken and quoted twice', `> > ${WHOLE.slice(0, 75)}\n> > ${WHOLE.slice(75)}`],
    ['broken and indented', `    ${WHOLE.slice(0, 71)}\n    ${WHOLE.slice(71)}`],
    ['broken with a space at the end (RFC 3676)', at(71, ' \n')],
    ['broken by a backslash', at(60, '\\\n')],
    ['as quoted-printable', `${at(70, '=\r\n')};curve=3Dp256`],
    ['with spaces that do not break', `\u00a0${WHOLE}\u00a0`],
    ['with characters that nobody sees', `\ufeff${at(80, '\u200b\u00ad\u2060')}\u200f`],
    ['between marks of direction', `\u2066${WHOLE}\u2069`],
    ['with %23', WHOLE.replace('#', '%23')],
    ['as part of another link', `https://x.example/?url=${encodeURIComponent(WHOLE)}&id=5`],
    ['with wide characters', WHOLE.replace('#', '＃').replace(':', '：')],
    ['with dashes', WHOLE.replaceAll('-', '–')],
    ['with hyphens that do not break', WHOLE.replaceAll('-', '\u2011')],
    ['with spaces for hyphens', WHOLE.replaceAll('-', ' ')],
    ['with spaces around hyphens', WHOLE.replaceAll('-', ' - ')],
    ['in capitals', WHOLE.toUpperCase()],
    [
      'with capitals as keyboards set them',
      WHOLE.replace('http', 'Http').replace('abacus', 'Abacus'),
    ],
    ['with https', WHOLE.replace('http', 'https')],
    ['without http', WHOLE.slice('http://'.length)],
    ['with a port', WHOLE.replace('.onion', '.onion:80')],
    ['with the path of a page', WHOLE.replace('/#', '/receive#')],
    ['with a login', WHOLE.replace('//', '//ferry:abacus-zoom@')],
    ['made harmless', WHOLE.replace('.onion', '[.]onion')],
    ['as Org writes links', `[[${WHOLE}][the files]]`],
    ['in a URI of RFC 3986, appendix C', `<URL:${WHOLE}>`],
    ['as JSON', JSON.stringify({ link: WHOLE })],
    ['as JSON with escaped slashes', JSON.stringify(WHOLE).replaceAll('/', '\\/')],
    ['in a table of Markdown', `| link | ${WHOLE} |\n| --- | --- |`],
    ['as LaTeX', `\\url{${WHOLE}}`],
    ['as LaTeX that escapes #', `\\href{${WHOLE.replace('#', '\\#')}}{here}`],
    ['as a todo', `- [ ] ${WHOLE}`],
    ['as a heading of Markdown', `# ${WHOLE}`],
    ['struck out and back', `~~old~~ ${WHOLE}`],
    ['as Signal quotes it', `Alice\n❝${WHOLE}❞`],
    ['with the time of a chat', `[12:03] <alice> ${WHOLE}`],
    ['with a time behind', `${WHOLE} (edited) 12:03`],
    ['as a header of mail', `X-Link: ${WHOLE.slice(0, 71)}\r\n ${WHOLE.slice(71)}`],
    ['with the tabs of a spreadsheet', `files\t${WHOLE}\ttoday`],
    ['as CSV', `"files","${WHOLE}","today"`],
    ['with a zero-width space between all characters', Array.from(WHOLE).join('\u200b')],
    [
      'as a message of mail that is answered',
      `On Monday Bob wrote:\n>> ${WHOLE.slice(0, 50)}\n>> ${WHOLE.slice(50)}\n\nthanks`,
    ],
    ['in CJK brackets with a full stop', `「${WHOLE}」。`],
    ['in an assignment of a shell', `ONIONFERRY_PASSWORD='${WHOLE}'`],
    ['with carriage returns alone', WHOLE.replace('#', '#\r')],
    ['in mathematical letters', WHOLE.replace('abacus', '𝐚𝐛𝐚𝐜𝐮𝐬')],
    ['as a text of a terminal that wraps at 40', WHOLE.replace(/.{40}/g, '$&\n')],
    ['with colours of a terminal', `\u001b[1m${WHOLE}\u001b[0m`],
    ['with a link of a terminal (OSC 8)', `\u001b]8;;${WHOLE}\u001b\\here\u001b]8;;\u001b\\`],
    [
      'as Outlook wraps links',
      `https://eur01.safelinks.protection.outlook.com/?url=${encodeURIComponent(WHOLE)}&data=05%7C`,
    ],
    ['as Google wraps links', `https://www.google.com/url?q=${WHOLE.replace('#', '%23')}&sa=D`],
    [
      'as Proofpoint wraps links',
      `https://urldefense.proofpoint.com/v2/url?u=http-3A__${HOST}.onion_-23${WORDS.replaceAll('-', '-2D')}&d=DwMF`,
    ],
    [
      'as Proofpoint wraps links since version 3',
      `https://urldefense.com/v3/__http://${HOST}.onion/*${WORDS}__;Iw!!abc$`,
    ],
    [
      'as part of a link in another link',
      `https://x.example/?u=${encodeURIComponent(encodeURIComponent(WHOLE))}`,
    ],
    [
      'in a link that shares a whole sentence',
      `https://wa.me/?text=${encodeURIComponent(`take ${WHOLE} please`)}`,
    ],
    ['with hyphens as %2D', WHOLE.replaceAll('-', '%2D')],
    ['with escapes of JavaScript', WHOLE.replace('#', '\\u0023').replaceAll('-', '\\u002d')],
    ['with a full stop behind .onion', WHOLE.replace('.onion', '.onion.')],
    ['through a gateway', WHOLE.replace('.onion', '.onion.ly')],
    ['with a name before the address', WHOLE.replace('//', '//www.')],
    ['told by mouth', WHOLE.replace('.onion/', ' dot onion').replaceAll('-', ', ')],
    ['with hxxp', WHOLE.replace('http://', 'hxxp[://]').replace('.onion', '[dot]onion')],
    ['with underscores', WHOLE.replaceAll('-', '_')],
    ['with the plus signs of a form', WHOLE.replaceAll('-', '+')],
    ['with full stops between words', WHOLE.replaceAll('-', '.')],
    ['with a bold password', WHOLE.replace(WORDS, `**${WORDS}**`)],
    ['with a quoted password', WHOLE.replace(WORDS, `"${WORDS}"`)],
    ['with a space behind #', WHOLE.replace('#', '# ')],
    ['with #!', WHOLE.replace('#', '#!')],
    ['with a slash behind #', WHOLE.replace('#', '#/')],
    ['with a slash at the end', `${WHOLE}/`],
    ['before a dash and a name', `${WHOLE}—Bob`],
    ['before the number of a note', `${WHOLE}¹`],
    ['before a semicolon and more', `${WHOLE};then open it`],
    ['broken in a patch', `+${WHOLE.slice(0, 75)}\n+${WHOLE.slice(75)}`],
    ['broken in a comment', `// ${WHOLE.slice(0, 71)}\n// ${WHOLE.slice(71)}`],
    ['broken in a longer comment', ` * ${WHOLE.slice(0, 71)}\n * ${WHOLE.slice(71)}`],
    ['as BBCode', `[url=${WHOLE}]${WHOLE}[/url]`],
    ['with spaces around the full stop of .onion', WHOLE.replace('.onion', ' . onion')],
    ['with a space before it', WHOLE.replace('.onion', ' .onion')],
    ['with a space behind it', WHOLE.replace('.onion', '. onion')],
    ['with %23 behind a port', WHOLE.replace('.onion/#', '.onion:8080/%23')],
    ['with %23 right behind the address', WHOLE.replace('.onion/#', '.onion%23')],
    ['with a break of XHTML', at(71, '<br />')],
    ['with a short break of XHTML', at(71, '<br/>')],
    ['before a break of HTML and more', `${WHOLE}<br>use it soon`],
    ['with named references of HTML', WHOLE.replace('#', '&num;').replaceAll('-', '&hyphen;')],
    [
      'with hexadecimal references of HTML',
      WHOLE.replace('#', '&#x0023;').replaceAll('-', '&#x2d;'),
    ],
    ['with decimal references of HTML', WHOLE.replaceAll('-', '&#45;')],
    ['before a reference of HTML to something else', `${WHOLE}&copy;2026`],
    ['as quoted-printable with #', at(70, '=\r\n').replace('#', '=23')],
    ['as quoted-printable with line feeds alone', at(70, '=\n').replace('#', '=23')],
    ['as quoted-printable with spaces at the end', at(70, '= \t\n').replace('#', '=23')],
    ['as quoted-printable throughout', at(85, '=\r\n').replace('#', '=23')],
    ['in a list of stars', `* ${WHOLE}\n* another`],
    ['hidden as Discord does', `||${WHOLE}||`],
    ['as RTF', `{\\field{\\*\\fldinst HYPERLINK "${WHOLE}"}{\\fldrslt ${WHOLE}}}`],
    [
      'with everything that send prints',
      `  http://${HOST}.onion/#\n  ${WORDS}\n\nopen http://ferry@${HOST}.onion/\n  user  ferry\n`,
    ],
  ])('%s', (_, text) => {
    expect(read(text)).toBe(WHOLE);
    expect(looksLikeInvitation(text)).toBe(true);
  });

  test.each([
    ['in a sentence', `use ${LONGER}.`],
    ['broken', LONGER.replace(';relay', '\n;relay')],
    ['with names in capitals', LONGER.replace('curve=p384;relay', 'CURVE=p384;RELAY')],
    ['with a space between its parts', LONGER.replaceAll(';', '; ')],
    ['broken behind =', LONGER.replace('curve=', 'curve=\r\n')],
    ['as part of another link', `https://x.example/?u=${encodeURIComponent(LONGER)}`],
    ['as quoted-printable', LONGER.replaceAll('=', '=3D').replace(';relay', '=\r\n;relay')],
    ["with a full stop in a relay's password", LONGER.replace('%2E', '.')],
    ['with that broken behind relay=', LONGER.replace('%2E', '.').replace('y=', 'y=\n')],
    ['with a name and nothing behind it', `${LONGER};and`],
  ])('with its other parts, %s', (_, text) => {
    expect(read(text)).toBe(LONGER);
  });

  test('whatever stands around it', () => {
    const around = fc.stringMatching(/^[^a-zA-Z0-9#%;=&\\.-]{0,20}$/);
    fc.assert(
      fc.property(around, around, (before, after) => {
        fc.pre(!/[\p{L}\p{N}\p{M}\p{Pd}]/u.test((before + after).normalize('NFKC')));
        expect(read(before + WHOLE + after)).toBe(WHOLE);
      }),
    );
  });
});

test('an address alone is found, also with a path and in a sentence', () => {
  const address = { kind: 'address', text: `http://${HOST}.onion/` };
  for (const text of [
    `${HOST}.onion`,
    `see http://${HOST}.onion/files/a.txt.`,
    `<${HOST}.ONION>`,
  ]) {
    expect(findInvitation(text)).toEqual(address);
  }
  expect(findInvitation(HOST)).toEqual({ kind: 'nothing' });
  expect(findInvitation('notes#1.txt')).toEqual({ kind: 'nothing' });
});

test.each([
  ['two different ones', `${WHOLE} ${WHOLE.replace('elm', 'oak')}`, 'several in this text'],
  ['a shortened address', WHOLE.replace('25', ''), '54 characters instead of 56'],
  ['an address with a letter too many', WHOLE.replace('25', '25a'), '57 characters instead of 56'],
  ['a mistyped address', WHOLE.replace('25', '26'), 'checksum'],
  ['too few words', WHOLE.replace('-elm', '.'), 'fewer'],
  ['an address alone', WHOLE.replace(/#.*/, ''), 'then #, then the password'],
  ['an unknown part', `${WHOLE};color=red`, 'unknown or repeated'],
  ['what is nothing of the kind', 'see you', 'it should be an onion address'],
])('%s: the true reason is given', (_, text, reason) => {
  const failure = failureOf(() => readInvitation(text));
  expect(failure.code).toBe('ERR_INVITATION');
  expect(failure.message).toContain(reason);
});

test('only what belongs to the password of a relay may have a full stop', () => {
  const relay = `${WHOLE};relay=a.b~c`;
  expect(findInvitation(`${relay};curve=p384.html`, isListed)).toEqual({
    kind: 'invitation',
    text: `${relay};curve=p384`,
  });
  expect(findInvitation(`${WHOLE};curve=p384.html;relay=x`, isListed)).toEqual({
    kind: 'invitation',
    text: `${WHOLE};curve=p384`,
  });
});

test('a word through which a line went is put together, also without the list', () => {
  expect(findInvitation(WHOLE.replace('sprint', 'spr\nint'))).toEqual({
    kind: 'invitation',
    text: WHOLE,
  });
});

test('what is encoded too often, or is damaged, is left as it is', () => {
  for (const text of [
    `%zz https://x.example/?u=%252F${HOST}.onion%252F%2523${WORDS}`,
    `%zz %252525252F${HOST}`,
  ]) {
    expect(findInvitation(text, isListed)).toEqual({ kind: 'nothing' });
  }
});

test('a key is read whole, also if a line went through it', () => {
  const keyed = formatInvitation({ ...parseInvitation(WHOLE), clientKey: createClientKey() });
  const end = keyed.length;
  for (const at of [end - 1, end - 20, end - 51]) {
    expect(read(`${keyed.slice(0, at)}\n${keyed.slice(at)}`)).toBe(keyed);
    expect(read(`${keyed.slice(0, at)}\n${keyed.slice(at)} thanks`)).toBe(keyed);
  }
  // What is not whole yet is not filled up with words.
  expect(failureOf(() => readInvitation(`${keyed.slice(0, -1)} thanks`)).cause).toMatchObject({
    code: 'ERR_KEY',
  });
});

test('words behind a whole password are left alone, unless a line went through the last word', () => {
  expect(findInvitation(`${WHOLE} elm`, isListed)).toEqual({ kind: 'invitation', text: WHOLE });
  expect(findInvitation(`${WHOLE}\nelm`, isListed)).toEqual({ kind: 'invitation', text: WHOLE });
});
