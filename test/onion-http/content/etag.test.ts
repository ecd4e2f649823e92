import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sharedTree } from '../../../src/disk/tree/shared-tree.js';
import { createIdentity, type Identity } from '../../../src/onion/identity.js';
import { deriveTagKey, keyedTag } from '../../../src/onion-http/content/representation.js';
import { createShareRoutes } from '../../../src/pages/share/share-routes.js';
import { ask, servedRoutes } from '../../pages/support/running-web.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';

const TAG = '"a-file"';

test('a tag is the same at one address, also after a restart, and differs at any other', () => {
  const identity = createIdentity();
  const again = createIdentity(identity.seed);
  const tag = keyedTag(deriveTagKey(identity), TAG);
  expect(tag).toMatch(/^"[\w-]{27}"$/);
  expect(keyedTag(deriveTagKey(again), TAG)).toBe(tag);
  expect(keyedTag(deriveTagKey(createIdentity()), TAG)).not.toBe(tag);
  expect(keyedTag(deriveTagKey(identity), '"another"')).not.toBe(tag);
});

test('two addresses that share a file do not reveal by it that they are one machine’s', async () => {
  const path = join(await temporaryDirectory(), 'a');
  await writeFile(path, 'content');
  const served = (identity: Identity) =>
    servedRoutes(createShareRoutes({ tree: sharedTree([path]), tagKey: deriveTagKey(identity) }));
  const identity = createIdentity();
  for (const address of ['/files/a', '/everything.zip']) {
    const tagAt = async (at: Identity) => (await ask(await served(at), address)).headers.etag ?? '';
    const tag = await tagAt(identity);
    expect(await tagAt(identity)).toBe(tag);
    expect(await tagAt(createIdentity())).not.toBe(tag);
    const headers = { range: 'bytes=1-', 'if-range': tag };
    expect((await ask(await served(identity), address, { headers })).status).toBe(206);
    expect((await ask(await served(createIdentity()), address, { headers })).status).toBe(200);
  }
});
