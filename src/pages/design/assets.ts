import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';

/** Below this path nothing that somebody shares can lie: routes never see it. */
export const ASSETS_PATH = '/.ferry/';

/** What `npm run bundle` has made; two levels of folders below the package's root, be it src or dist. */
const BUNDLE: URL = new URL('../../../dist/pages/assets/', import.meta.url);

const TYPES: Readonly<Record<string, string>> = {
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
};

export interface Asset {
  /** Names the content, so that it may be kept for ever. */
  readonly path: string;
  readonly type: string;
  readonly bytes: Buffer;
}

let loaded: ReadonlyMap<string, Asset> | undefined;

/**
 * All stylesheets, scripts and pictures of the pages' own, by name: a hundred kilobytes or so, read
 * once for the whole process.
 */
export function assets(): ReadonlyMap<string, Asset> {
  loaded ??= new Map(
    readdirSync(BUNDLE).flatMap((name) => {
      const type = TYPES[name.slice(name.lastIndexOf('.') + 1)];
      if (type === undefined) return [];
      const bytes = readFileSync(new URL(name, BUNDLE));
      const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 12);
      return [[name, { path: `${ASSETS_PATH}${hash}/${name}`, type, bytes }]];
    }),
  );
  return loaded;
}

/** @throws Error if the bundle lacks it, which is a defect */
export function asset(name: string): Asset {
  const found = assets().get(name);
  if (found === undefined) throw new Error(`the bundle has no ${name}; npm run bundle makes it`);
  return found;
}
