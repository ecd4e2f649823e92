import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { packageVendorDirectory } from './vendored-tor.js';

/** `vendor-tor/bundles.json`: the only Tor Expert Bundles that may be installed. */
export interface Bundles {
  /** Of the bundle, such as `15.0.24`. */
  readonly version: string;
  /** Of the tor in it. */
  readonly tor: string;
  /** The day on which it was signed, as `YYYY-MM-DD`. */
  readonly released: string;
  /** Where to get it, tried in this order; `{version}` and `{file}` are filled in. */
  readonly urls: readonly string[];
  /** Its name; `{platform}` and `{version}` are filled in. */
  readonly file: string;
  /** Lower-case hexadecimal SHA-256 by platform. */
  readonly sha256: Readonly<Record<string, string>>;
}

const version = v.pipe(v.string(), v.regex(/^\d+(\.\d+)+$/));

const bundlesSchema: v.GenericSchema<unknown, Bundles> = v.strictObject({
  version,
  tor: version,
  released: v.pipe(v.string(), v.isoDate()),
  urls: v.array(v.pipe(v.string(), v.url())),
  file: v.pipe(v.string(), v.endsWith('.tar.gz')),
  sha256: v.record(v.string(), v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))),
});

/** @throws v.ValiError or SyntaxError if the package's own file is broken */
export async function readBundles(
  path: string = join(packageVendorDirectory, 'bundles.json'),
): Promise<Bundles> {
  return v.parse(bundlesSchema, JSON.parse(await readFile(path, 'utf8')));
}
