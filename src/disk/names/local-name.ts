import { utf8 } from '../../base/bytes.js';

/** Longest name that common file systems take, in bytes of UTF-8. */
const NAME_MAX_BYTES = 255;
/** For those that take less, such as encrypted folders. */
const SHORT_NAME_BYTES = 100;

/**
 * Characters that change what a terminal or a person sees rather than name anything: C0, C1,
 * line separators, marks and overrides of direction, the byte order mark, and what is not seen at
 * all. Zero-width joiners stay: several scripts and emoji need them.
 */
const INVISIBLE =
  // biome-ignore format: one range per kind reads best on one line
  /[\p{Cc}\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u180E\u200B\u200E\u200F\u2028-\u202E\u2060-\u206F\u3164\uFEFF\uFFA0\u{E0000}-\u{E007F}]|\p{Cs}/gu;

/** Nearly all names are of these alone, and need no second look. */
const PRINTABLE_ASCII = /^[ -~]*$/;

/** Names that no file system refuses, but those of Windows devices. */
const PLAIN = /^[\w-]([\w. -]{0,60}[\w-])?$/;

/** What Windows refuses in a name (besides control characters). */
const WINDOWS_FORBIDDEN = /[<>:"|?*]/g;
const WINDOWS_DEVICES = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?$/i;

/** The name under which `sent` can stand here and be shown. */
export function localName(sent: string, platform: string): string {
  let name = PRINTABLE_ASCII.test(sent) ? sent : sent.replace(INVISIBLE, '_');
  if (platform === 'win32') {
    name = name.replace(WINDOWS_FORBIDDEN, '_').replace(/[. ]+$/, '_');
    if (WINDOWS_DEVICES.test(name)) name = `_${name}`;
  }
  return utf8(name).length <= NAME_MAX_BYTES ? name : withSuffix(name, '');
}

/** Whether a file system that refuses some names takes this one. */
export function isPlainName(name: string): boolean {
  return PLAIN.test(name) && !WINDOWS_DEVICES.test(name);
}

/** What to call it where `name` is refused, the most similar first. */
export function similarNames(name: string): string[] {
  const windows = localName(name.replaceAll('\\', '_'), 'win32');
  const ascii = windows.replace(/[^ -~]/gu, '_');
  return [windows, ascii, withSuffix(ascii, '', SHORT_NAME_BYTES), 'unnamed'];
}

/** `name` with `suffix` before its extension, shortened to what a file system takes. */
export function withSuffix(
  name: string,
  suffix: string,
  bytesMax: number = NAME_MAX_BYTES,
): string {
  const dot = name.lastIndexOf('.');
  const extension = dot > 0 && name.length - dot <= 16 ? name.slice(dot) : '';
  let room = bytesMax - utf8(suffix + extension).length;
  let stem = '';
  // By code point: half a surrogate pair would be no character at all.
  for (const character of name.slice(0, name.length - extension.length)) {
    room -= utf8(character).length;
    if (room < 0) break;
    stem += character;
  }
  return stem + suffix + extension;
}

/** Whether `name` can only be meant as one name, and not as a way out of its folder. */
export function isHarmless(name: string, platform: string): boolean {
  if (name === '' || name === '.' || name === '..') return false;
  return !/[/\0]/.test(name) && !(platform === 'win32' && name.includes('\\'));
}
