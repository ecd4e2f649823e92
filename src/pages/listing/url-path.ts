import { isHarmless } from '../../disk/names/local-name.js';

/** The file or folder that a URL's path names. */
export interface NamedPath {
  readonly names: readonly string[];
  /** Whether it ends with a slash, like the page of a folder */
  readonly isFolder: boolean;
}

/**
 * Reads a path as it was sent. Each segment is decoded once and is one name.
 *
 * @returns undefined for anything else, such as `..`, an encoded slash or invalid UTF-8
 */
export function parsePath(raw: string): NamedPath | undefined {
  const segments = raw === '' ? [] : raw.split('/');
  const isFolder = segments.length === 0 || segments.at(-1) === '';
  const names: string[] = [];
  for (const segment of isFolder ? segments.slice(0, -1) : segments) {
    const name = decoded(segment);
    if (name === undefined || !isHarmless(name, process.platform)) return undefined;
    names.push(name);
  }
  return { names, isFolder };
}

/** Encodes names for a URL, without a slash at either end. */
export function formatPath(names: readonly string[]): string {
  return names.map((name) => encodeURIComponent(name)).join('/');
}

function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}
