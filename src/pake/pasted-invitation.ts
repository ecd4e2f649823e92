import { loginsIn } from './pasted-login.js';
import { fragmentBehind, type PastedRules } from './pasted-password.js';

/*
 * Invitations as chats, mails and documents deliver them: in quotes, within other text, broken over
 * lines, with characters that nobody sees, as an address and a password. Nothing is guessed that
 * could make another password of it.
 */

/** What was found in a text that somebody has pasted. */
export type Pasted =
  /** As `formatInvitation` writes it; whether it is valid is still to be seen. */
  | { readonly kind: 'invitation'; readonly text: string }
  | { readonly kind: 'address'; readonly text: string }
  | { readonly kind: 'several' }
  | { readonly kind: 'nothing' };

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

/** A password before an address, as browsers write it */
const LOGIN = /\/\/[^\s/:@]{0,64}:([^\s/:@]{1,512})@$/;
/** What terminals and tables draw frames of */
const FRAME = /[\u2500-\u257f]/g;

/** Finds the invitation or the address in a text; see `tidied` for what does not matter. */
export function readPasted(text: string, rules: PastedRules): Pasted {
  const tidy = tidied(text);
  const invitations = new Set<string>();
  const addresses = new Set<string>();
  const bare = new Set<string>();
  const inAddresses = new Set<string>();
  for (const match of tidy.matchAll(ADDRESS)) {
    const [all, host = '', suffix, hash] = match;
    const address = `http://${host.replaceAll('\n', '').toLowerCase()}.onion/`;
    const fragment =
      hash === undefined ? '' : fragmentBehind(tidy.slice(match.index + all.length), rules);
    if (fragment !== '') invitations.add(`${address}#${fragment}`);
    // 56 letters alone may be anything, unless a password stands beside them.
    else (suffix === undefined ? bare : addresses).add(address);
    const [, login] = LOGIN.exec(tidy.slice(0, match.index)) ?? [];
    if (login !== undefined && rules.isWhole(login)) inAddresses.add(login);
  }
  if (invitations.size === 0) {
    const [address, another] = addresses.size > 0 ? addresses : bare;
    if (addresses.size > 1) return { kind: 'several' };
    if (address === undefined || another !== undefined) return { kind: 'nothing' };
    const logins = loginsIn(tidy, rules, inAddresses);
    if (logins.size === 0) {
      return addresses.size > 0 ? { kind: 'address', text: address } : { kind: 'nothing' };
    }
    for (const login of logins) invitations.add(`${address}#${login}`);
  }
  const [first = '', second] = invitations;
  return second === undefined ? { kind: 'invitation', text: first } : { kind: 'several' };
}

/** Without what was added on the way, and with what was replaced put back. */
function tidied(text: string): string {
  // A reference to a note: nothing that we write has such digits.
  const plain = text.replace(/[\u00b2\u00b3\u00b9\u2070-\u2079]/g, ' ').replace(FRAME, ' ');
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
