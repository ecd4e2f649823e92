import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { randomFile } from './random-file.js';

/** What is to be carried. */
export interface Content {
  /** As it was asked for, such as `100MB` or `10000x1kB`. */
  readonly name: string;
  readonly files: number;
  /** Of all files together. */
  readonly bytes: number;
}

/** The same, on disk. */
export interface PreparedContent extends Content {
  /** A file, or a folder of files. */
  readonly path: string;
  /** See fingerprint(). */
  readonly sha256: string;
}

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  k: 1024,
  M: 1024 ** 2,
  G: 1024 ** 3,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
};

/** Reads a size such as `100MB` (powers of 1000) or `50M` (powers of 1024), or `FILESxSIZE`. */
export function parseContent(name: string): Content {
  const [, files = '1', size = '', unit = ''] =
    /^(?:(\d+)x)?(\d+)(|k|M|G|kB|MB|GB)$/.exec(name) ?? [];
  const bytes = Number(files) * Number(size) * (UNITS[unit] ?? Number.NaN);
  if (!Number.isSafeInteger(bytes) || bytes < 1) {
    throw new Error(`${name} is no size: give such as 100MB, 50M or 10000x1kB`);
  }
  return { name, files: Number(files), bytes };
}

/** Puts random bytes at `path`. */
export async function prepareContent(
  path: string,
  content: Content,
  signal: AbortSignal,
): Promise<PreparedContent> {
  const { files, bytes } = content;
  if (files === 1) return { ...content, ...(await randomFile(path, bytes, signal)) };
  await mkdir(path);
  const hashes: string[] = [];
  for (let number = 0; number < files; number++) {
    const { sha256 } = await randomFile(join(path, `file-${number}`), bytes / files, signal);
    hashes.push(sha256);
  }
  return { ...content, path, sha256: fingerprint(hashes) };
}

/** One hash for the contents of some files, whatever their order. */
export function fingerprint(hashes: readonly string[]): string {
  const [first, ...more] = [...hashes].sort();
  if (first !== undefined && more.length === 0) return first;
  return createHash('sha256')
    .update([first, ...more].join('\n'))
    .digest('hex');
}
