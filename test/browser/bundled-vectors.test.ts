import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { describe, expect, test } from 'vitest';
import { hex, scalar } from '../protocol/bytes.js';
import { checkFrames } from '../protocol/check-frames.js';
import { type Code, checkInvitations } from '../protocol/check-invitations.js';
import { checkKeyAgreement } from '../protocol/check-key-agreement.js';
import { checkMessages } from '../protocol/check-messages.js';
import { checkRelay } from '../protocol/check-relay.js';
import rfc from '../vectors/spake2-p256-rfc9382.json' with { type: 'json' };

/** What the program runs, bundled and minified for old browsers as the pages' scripts are. */
async function bundled(): Promise<Code> {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, '../protocol/code.ts')],
    ...{ bundle: true, minify: true, write: false, format: 'esm', platform: 'browser' },
    target: ['firefox115', 'chrome115', 'safari16'],
  });
  const directory = await mkdtemp(join(tmpdir(), 'onionferry-test-'));
  try {
    const path = join(directory, 'bundle.mjs');
    await writeFile(path, outputFiles[0]?.contents ?? '');
    // What it exports is what was put into it.
    const { code } = (await import(pathToFileURL(path).href)) as { code: Code };
    return code;
  } finally {
    await rm(directory, { recursive: true });
  }
}

const page = await bundled();

describe('in the pages’ scripts', () => {
  checkInvitations(page);
  checkKeyAgreement(page);
  checkFrames(page, page.webAead);
  checkMessages(page, page.webDeflate, page.webInflate);
  checkRelay(page);

  test('the key agreement yields the vectors of RFC 9382, appendix B', () => {
    const suite = page.suiteOf('p256');
    for (const { idA, idB, w, x, y, pA, pB } of rfc.vectors) {
      const common = { idA: Buffer.from(idA), idB: Buffer.from(idB), w: scalar(w) };
      const a = page.spake2Share(suite, { ...common, role: 'sender', scalar: scalar(x) });
      const b = page.spake2Share(suite, { ...common, role: 'recipient', scalar: scalar(y) });
      expect([hex(a), hex(b)]).toEqual([pA, pB]);
    }
  });
});
