import { type Manifest, ManifestBuilder } from '../../src/stream/manifest.js';

export interface Unchecked {
  readonly kind: unknown;
  readonly entries: readonly unknown[];
}

/** A manifest of a value, as `JSON.parse` makes it. @throws Error of any kind if it is none */
export function parseManifest({ entries, ...rest }: Unchecked): Manifest {
  const builder = new ManifestBuilder();
  for (const entry of entries) builder.add(entry);
  return builder.end({ ...rest, entries: [] });
}
