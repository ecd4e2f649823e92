import { isUtf8 } from 'node:buffer';
import { printable } from '../../base/printable.js';

/**
 * What is shown in the browser, by the extension of its name alone. Nothing that a browser would run
 * or load other things for: no HTML, no SVG, no PDF.
 */
const PICTURES: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  avif: 'image/avif',
};
const TEXTS: ReadonlySet<string> = new Set(['txt', 'text', 'md', 'log', 'csv']);

/** Over Tor, more takes minutes; it can be downloaded. */
export const PICTURE_MAX_BYTES: number = 20 * 1024 * 1024;
/** What is still read in a page. It lies in memory while the page is made. */
export const TEXT_MAX_BYTES: number = 256 * 1024;

export type Preview =
  | { readonly kind: 'picture'; readonly type: string }
  | { readonly kind: 'text' };

/** How a file can be shown. @returns undefined if it cannot */
export function previewOf(name: string, bytes: number): Preview | undefined {
  const dot = name.lastIndexOf('.');
  const extension = dot > 0 ? name.slice(dot + 1).toLowerCase() : '';
  const type = Object.hasOwn(PICTURES, extension) ? PICTURES[extension] : undefined;
  if (type !== undefined) return bytes <= PICTURE_MAX_BYTES ? { kind: 'picture', type } : undefined;
  return TEXTS.has(extension) && bytes <= TEXT_MAX_BYTES ? { kind: 'text' } : undefined;
}

/**
 * Controls, and what turns the direction of text: they would show something else than is there.
 * Joiners stay, which several scripts need.
 */
const MISLEADING = /[\p{Cc}\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069\uFEFF]/gu;

/** The text in a file: UTF-8, UTF-16 if it says so, or else what old Windows programs write. */
export function textIn(content: Buffer): string {
  return decoded(content)
    .replace(/\r\n?/g, '\n')
    .replace(MISLEADING, (character) =>
      character === '\n' || character === '\t' ? character : printable(character),
    );
}

function decoded(content: Buffer): string {
  if (content[0] === 0xff && content[1] === 0xfe)
    return new TextDecoder('utf-16le').decode(content);
  return new TextDecoder(isUtf8(content) ? 'utf-8' : 'windows-1252').decode(content);
}
