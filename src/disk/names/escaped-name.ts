import { isUtf8 } from 'node:buffer';
import path from 'node:path';

/** A path for the system: bytes where a name in it is not UTF-8, as Linux allows. */
export type SystemPath = string | Buffer;

/** What a `%` and a byte that is not UTF-8 become in an escaped name. */
const ESCAPES = /%(25|[89A-F][0-9A-F])/g;

/** How many bytes a character takes, by its first one (RFC 3629, section 3). */
function lengthOf(lead: number): number {
  if (lead < 0x80) return 1;
  if (lead < 0xe0) return 2;
  return lead < 0xf0 ? 3 : 4;
}

/**
 * A name as text: as it is if it is UTF-8, else with `%XX` for each byte that is not, and `%25` for
 * each `%`.
 */
export function escapedName(name: Buffer): string {
  if (isUtf8(name)) return name.toString();
  let text = '';
  for (let at = 0; at < name.length; ) {
    const lead = name[at] ?? 0;
    const character = name.subarray(at, at + lengthOf(lead));
    if (lead === 0x25 || !isUtf8(character)) {
      text += `%${lead.toString(16).toUpperCase().padStart(2, '0')}`;
      at += 1;
    } else {
      text += character.toString();
      at += character.length;
    }
  }
  return text;
}

/** The bytes of which `text` is the escaped name. @returns undefined if it is of none */
export function unescapedName(text: string): Buffer | undefined {
  const parts: Buffer[] = [];
  let at = 0;
  for (const { 0: escape, 1: hex = '', index } of text.matchAll(ESCAPES)) {
    parts.push(Buffer.from(text.slice(at, index)), Buffer.from(hex, 'hex'));
    at = index + escape.length;
  }
  const name = Buffer.concat([...parts, Buffer.from(text.slice(at))]);
  return isUtf8(name) || escapedName(name) !== text ? undefined : name;
}

/** A name in a folder, as the system wants it. */
export function systemPath(folder: SystemPath, name: Buffer): SystemPath {
  if (typeof folder === 'string' && isUtf8(name)) {
    return path.join(folder, name.toString());
  }
  return Buffer.concat([Buffer.from(folder), Buffer.from('/'), name]);
}

/** A path for people. */
export function shownPath(at: SystemPath): string {
  return typeof at === 'string' ? at : escapedName(at);
}
