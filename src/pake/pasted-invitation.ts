/*
 * Invitations as chats, mails and documents deliver them: in quotes, within other text, broken over
 * lines, with characters that nobody sees. Nothing is guessed that could make another password of it.
 */

/** What was found in a text that somebody has pasted. */
export type Pasted =
  /** As `formatInvitation` writes it; whether it is valid is still to be seen. */
  | { readonly kind: 'invitation'; readonly text: string }
  | { readonly kind: 'address'; readonly text: string }
  | { readonly kind: 'several' }
  | { readonly kind: 'nothing' };

export interface PastedRules {
  /** Whether a password has all its words, and a key behind it all its letters. */
  readonly isWhole: (fragment: string) => boolean;
  /** Whether a word is one of the list that passwords are made of; nothing is, unless given. */
  readonly isWord?: ((word: string) => boolean) | undefined;
}

/** Soft hyphens, joiners, marks of direction, variation selectors, the byte order mark. */
const INVISIBLE =
  /[\u00AD\u034F\u061C\u180E\u200B-\u200F\u202A-\u202E\u2060-\u206F\uFE00-\uFE0F\uFEFF]|<wbr\s*\/?>|&(?:shy|zwj|zwnj|lrm|rlm|ZeroWidthSpace);/gu;

const ENTITIES: Readonly<Record<string, string>> = {
  ...{ amp: '&', num: '#', sol: '/', semi: ';', equals: '=', percnt: '%', period: '.', colon: ':' },
  ...{ lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ', hyphen: '-', dash: '-', NewLine: '\n' },
};

/**
 * 56 characters of base32 and what follows them up to the fragment, also through a gateway such as
 * `.onion.ly`; lines may break anywhere.
 */
const ADDRESS =
  /(?<![a-z0-9])((?:[a-z2-7]\n?){55}[a-z2-7])(?![a-z0-9])(\n?\.\n?o\n?n\n?i\n?o\n?n(?![a-z0-9])(?:\.(?:[a-z]{2,6})?(?=[/:#]))?)?(?::\d{1,5})?(?:\/[^\s#"'<>()[\]{}|]*)?(\n?#)?/gi;

/** What words and the parts behind them consist of. */
const PART = /[\p{L}\p{N}\p{M}\p{Pd}\u2212%;=_]/u;
/** Besides those, in the password of a relay. */
const RELAY_PART = /[.~]/;
/** Between listed words, where somebody has told or typed them */
const BETWEEN_WORDS = /[,+.·•]/;
/** What may stand before a password that is emphasised, quoted or set apart */
const BEFORE_WORDS = /^[\s*"'“”‘’`!/([<_]{1,4}/;
/** Dashes that autocorrection does not make of a hyphen */
const LONG_DASH = /[\u2014\u2015\u2e3a\u2e3b]/;

/** Finds the invitation or the address in a text; see `tidied` for what does not matter. */
export function readPasted(text: string, rules: PastedRules): Pasted {
  const tidy = tidied(text);
  const invitations = new Set<string>();
  const addresses = new Set<string>();
  for (const match of tidy.matchAll(ADDRESS)) {
    const [all, host = '', suffix, hash] = match;
    const address = `http://${host.replaceAll('\n', '').toLowerCase()}.onion/`;
    const fragment =
      hash === undefined ? '' : fragmentBehind(tidy.slice(match.index + all.length), rules);
    if (fragment !== '') invitations.add(`${address}#${fragment}`);
    // 56 letters alone may be anything.
    else if (suffix !== undefined) addresses.add(address);
  }
  const [first, second] = invitations;
  if (second !== undefined) return { kind: 'several' };
  if (first !== undefined) return { kind: 'invitation', text: first };
  const [address, another] = addresses;
  if (another !== undefined) return { kind: 'several' };
  return address === undefined ? { kind: 'nothing' } : { kind: 'address', text: address };
}

/** Without what was added on the way, and with what was replaced put back. */
function tidied(text: string): string {
  // A reference to a note: nothing that we write has such digits.
  const plain = text.replace(/[\u00b2\u00b3\u00b9\u2070-\u2079]/g, ' ');
  return (
    lines(entities(unwrapped(plain).normalize('NFKC').replace(INVISIBLE, '')))
      .replace(/\p{Zs}|\t/gu, ' ')
      // Markdown's escapes, and addresses that somebody made harmless.
      .replace(/\\([^\w\s])/g, '$1')
      .replace(/[[({](?:\.|dot)[\])}]/gi, '.')
      .replace(/(?<=[a-z2-7]{56})(?: ?\. ?| dot )onion/gi, '.onion')
      .replace(/%3A%2F%2F/gi, '://')
      // RFC 3986: '#' in a value; and a whole link in the link of somebody who watches clicks.
      .replace(
        /(onion(?::\d{1,5})?(?:\/|%2F)?)%23([^\s&"'<>]*)/gi,
        (_, before: string, after: string) => {
          const isEncoded = /%2F$/i.test(before) || /%3B|%25/i.test(after);
          return `${before.replace(/%2F$/i, '/')}#${isEncoded ? decodedOnce(after) : after}`;
        },
      )
  );
}

/** Without what programs that watch clicks, and notations of strings, have made of a link. */
function unwrapped(text: string): string {
  let plain = text
    // JSON, JavaScript.
    .replace(/\\u00([2-7][\da-f])/gi, (_, hex: string) => character(hex))
    // Proofpoint's links, versions 2 and 3; of the second only '#' concerns us.
    .replace(
      /(urldefense\.proofpoint\.com\/v2\/url\?u=)([^\s&"'<>]*)/gi,
      (_, before: string, link: string) =>
        `${before}${link.replaceAll('_', '/').replace(/-([\dA-F]{2})/g, (_code, hex: string) => character(hex))}`,
    )
    .replace(/(__[^\s"'<>]{0,200}?onion\/)\*([^\s"'<>]{0,2000}?)__;/gi, '$1#$2 ');
  // A link within a link within a link.
  for (let times = 0; times < 3 && /%25(?:25)*2F[a-z2-7]{56}/i.test(plain); times++) {
    plain = decodedOnce(plain);
  }
  return plain;
}

function character(hex: string): string {
  return String.fromCharCode(Number.parseInt(hex, 16));
}

function decodedOnce(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** HTML character references of what an invitation consists of. */
function entities(text: string): string {
  return text
    .replace(/<br\s*\/?>/gi, '\n')
    .replace(/&(?:#(\d{1,5})|#x([\da-f]{1,4})|([a-z]{2,8}));/gi, (whole, decimal, hex, name) => {
      if (name !== undefined) return ENTITIES[String(name)] ?? whole;
      const code = decimal === undefined ? Number.parseInt(String(hex), 16) : Number(decimal);
      return String.fromCharCode(code);
    });
}

/** Line breaks as '\n', without the marks of quoted text and of lines that go on. */
function lines(text: string): string {
  // Quoted-printable (RFC 2045, section 6.7).
  const isQuotedPrintable = /=3D|=23/.test(text) && /=[ \t]*\r?\n/.test(text);
  const plain = isQuotedPrintable
    ? text
        .replace(/=[ \t]*\r?\n/g, '')
        .replace(/=3D/g, '=')
        .replace(/=23/g, '#')
    : text;
  return plain
    .replace(/\r\n?|[\u2028\u2029\v\f]/g, '\n')
    .replace(/[ \t]*\\?\n[ \t]*(?:(?:[>|+]|\/\/|\*(?= ))[ \t]?)*/g, '\n');
}

/** What stands behind '#', perhaps emphasised or set apart if that is a password. */
function fragmentBehind(text: string, rules: PastedRules): string {
  const [before] = BEFORE_WORDS.exec(text) ?? [];
  if (before !== undefined) {
    const fragment = fragmentAt(text.slice(before.length), rules);
    if (rules.isWhole(fragment)) return fragment;
  }
  return fragmentAt(text, rules);
}

/** The words and what belongs to them, up to where something else begins. */
function fragmentAt(text: string, rules: PastedRules): string {
  let read = '';
  let at = 0;
  for (;;) {
    const run = runAt(text, at, read);
    at += run.length;
    // No password has a "_" itself.
    read += read.includes(';') ? run : run.replace(/^[^;]*/, (words) => hyphened(words));
    const end = endOf(read, rules);
    if (end !== undefined) return read.slice(0, end);
    const [gap = ''] = /^[ \n,+.·•]{0,8}/.exec(text.slice(at, at + 8)) ?? [];
    const next = runAt(text, at + gap.length, read);
    const joint = gap === '' || next === '' ? undefined : jointOf(read, gap, next, rules);
    // What begins behind a semicolon has a name and a value.
    if (joint === undefined) return read.replace(/[-\p{Pd};._~]+$/u, '').replace(/;[a-z]+$/i, '');
    read += joint;
    at += gap.length;
  }
}

function hyphened(words: string): string {
  return words.replace(/(?<=[\p{L}\p{N}])_(?=[\p{L}\p{N}])/gu, '-');
}

/** Where a whole password ends although more stands right behind it; undefined if it does not. */
function endOf(read: string, { isWhole }: PastedRules): number | undefined {
  const semicolon = /;(?!$|[a-z]+$|[a-z]+=)/i.exec(read)?.index;
  const dash = LONG_DASH.exec(read)?.index;
  return [semicolon, dash].find((end) => {
    if (end === undefined) return false;
    const before = read.slice(0, end);
    return before.includes('-') && !before.includes(';') && isWhole(before);
  });
}

function runAt(text: string, from: number, before: string): string {
  let to = from;
  let inRelay = /;relay=[^;]*$/.test(before);
  for (let code = text.codePointAt(to); code !== undefined; code = text.codePointAt(to)) {
    const character = String.fromCodePoint(code);
    if (!PART.test(character) && !(inRelay && RELAY_PART.test(character))) break;
    to += character.length;
    if (character === '=') inRelay = text.slice(from, to).endsWith(';relay=');
    else if (character === ';') inRelay = false;
  }
  return text.slice(from, to);
}

/** What belongs between two runs: nothing, a hyphen, or undefined if the second is other text. */
function jointOf(read: string, gap: string, next: string, rules: PastedRules): string | undefined {
  const isToldApart = BETWEEN_WORDS.test(gap);
  if (!isToldApart && /[\p{Pd};=%]$|%[\da-f]$/iu.test(read)) return '';
  if (!isToldApart && /^(?:[\p{Pd};%])[\p{L}\p{N}]/u.test(next)) return '';
  const { isWhole, isWord = () => false } = rules;
  const last = /[\p{L}\p{N}]*$/u.exec(read)?.[0] ?? '';
  const following = /^[\p{L}\p{N}]*/u.exec(next)?.[0] ?? '';
  const isBroken = !isToldApart && gap.includes('\n') && !isWord(last) && isWord(last + following);
  if (isBroken) return '';
  if (isWhole(read)) return undefined;
  if (isToldApart) return isWord(last) && isWord(following) ? '-' : undefined;
  // Words may stand apart, and a line may break within one.
  if (gap.includes('\n') && !read.includes(' ') && !isWord(last)) return '';
  return following === '' ? '' : '-';
}
