import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { packageFile } from '../../disk/package-file.js';

/** Reserved for assets: no shared file can have a path below it. */
export const ASSETS_PATH = '/.ferry/';

/** The output of `npm run bundle:web`. */
const BUNDLE: URL = packageFile('dist/pages/assets/');

const TYPES: Readonly<Record<string, string>> = {
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
};

export interface Asset {
  /** Contains a hash of the content, so that browsers may cache it indefinitely */
  readonly path: string;
  readonly type: string;
  readonly bytes: Buffer;
}

let loaded: ReadonlyMap<string, Asset> | undefined;

/** The stylesheet, scripts and icon by name; about 100 kB, read once per process. */
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

/** @throws Error if the bundle lacks it, which is a bug */
export function asset(name: string): Asset {
  const found = assets().get(name);
  if (found === undefined) throw new Error(`the bundle has no ${name}; npm run bundle makes it`);
  return found;
}
