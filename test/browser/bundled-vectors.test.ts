import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import type { suiteOf } from '../../src/pake/curves/suites.js';
import type { spake2Share } from '../../src/pake/spake2.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import rfc from '../vectors/spake2-p256-rfc9382.json' with { type: 'json' };

interface Bundled {
  readonly suiteOf: typeof suiteOf;
  readonly spake2Share: typeof spake2Share;
}

const scalar = (text: string): bigint => BigInt(`0x${text}`);
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** The key agreement, bundled and minified for old browsers as the pages' scripts are. */
async function bundled(): Promise<Bundled> {
  const directory = await temporaryDirectory();
  const rooms = join(import.meta.dirname, '../../src/pake');
  const { outputFiles } = await build({
    stdin: {
      contents: "export * from './curves/suites.js'; export * from './spake2.js';",
      resolveDir: rooms,
    },
    ...{ bundle: true, minify: true, write: false, format: 'esm' },
    target: ['firefox115', 'chrome115', 'safari16'],
  });
  const path = join(directory, 'bundle.mjs');
  await writeFile(path, outputFiles[0]?.contents ?? '');
  // What it exports is what was put into it.
  return (await import(pathToFileURL(path).href)) as Bundled;
}

test('the key agreement of the pages’ scripts yields the vectors of RFC 9382, appendix B', async () => {
  const { suiteOf, spake2Share } = await bundled();
  const suite = suiteOf('p256');
  for (const { idA, idB, w, x, y, pA, pB } of rfc.vectors) {
    const common = { idA: Buffer.from(idA), idB: Buffer.from(idB), w: scalar(w) };
    const a = spake2Share(suite, { ...common, role: 'sender', scalar: scalar(x) });
    const b = spake2Share(suite, { ...common, role: 'recipient', scalar: scalar(y) });
    expect([hex(a), hex(b)]).toEqual([pA, pB]);
  }
});
