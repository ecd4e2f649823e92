import { isHarmless } from '../../disk/names/local-name.js';

export const FILES_PATH = '/files/';
export const ARCHIVE_PATH = '/zip/';
export const EVERYTHING_PATH = '/everything.zip';

/** What a path below a route names. */
export interface NamedPath {
  readonly names: readonly string[];
  /** Whether it ends with a slash, as that of a folder's page does */
  readonly isFolder: boolean;
}

/**
 * Reads a path as it stands in the request: each segment is decoded once and is one name.
 *
 * @returns undefined for anything else, such as `..`, an encoded slash or broken UTF-8
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

/** The same, as a reference. */
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
