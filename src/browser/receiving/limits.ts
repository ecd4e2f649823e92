import { OnionferryError } from '../../base/errors.js';
import { type Manifest, totalBytes } from '../../stream/manifest.js';

/**
 * What a page takes at most. All of it lies in memory until it is saved, for a moment twice, beside
 * a browser that needs half a gigabyte itself; phones end a tab that takes more than one or two.
 */
export const IN_PAGE_MAX_BYTES: number = 512 * 1024 * 1024;

/** Files that a page takes at most: a zip without extensions counts them in 16 bits. */
export const IN_PAGE_MAX_ENTRIES = 65_535;

/** Whether the page can say beforehand that it cannot take it. */
export function isTooLarge(manifest: Manifest): boolean {
  const bytes = totalBytes(manifest) + bytesOfOtherNames(manifest);
  return bytes > IN_PAGE_MAX_BYTES || manifest.entries.length > IN_PAGE_MAX_ENTRIES;
}

/** What a zip holds again, because it knows no file with several names. */
function bytesOfOtherNames({ entries }: Manifest): number {
  return entries.reduce((sum, entry) => {
    const file = entry.type === 'hardlink' ? entries[entry.file] : undefined;
    return sum + (file?.type === 'file' ? (file.size ?? 0) : 0);
  }, 0);
}

/** The page has a text for it. */
export const HAS_GROWN = 'the transfer has grown larger than this page can hold';

/** More than the page can hold. @param message worded for the page, unless it has a text */
export function tooLarge(message: string = HAS_GROWN): OnionferryError {
  return new OnionferryError('ERR_TOO_LARGE', message);
}
