import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { OnionferryError } from '../../src/base/errors.js';
import type { RelayClient } from '../../src/relay-protocol/relay-client.js';
import type { WholeTransfer } from '../../src/session/receiving/reassembler.js';
import { receiveTransfer } from '../../src/session/receiving/receive-transfer.js';
import type { Manifest } from '../../src/stream/manifest.js';
import { openDestination } from '../../src/transfer/destination/destination.js';
import { Fleet } from '../relay/support/fleet.js';
import { farAccess, runningRelay } from '../relay/support/running-relay.js';
import { recipientSide } from '../session/support/both-sides.js';
import { recipientAt } from '../session/support/parties.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { tree } from '../support/tree.js';
import { breaking } from './support/breaking.js';
import { pageAt } from './support/page-at.js';
import { chosen, contentOf, digest, pageReceives, pageSends } from './support/pages.js';

const CONTENTS = {
  'füße/big': new Uint8Array(randomBytes(3_000_001)),
  'füße/deep/er/none': new Uint8Array(),
  'small 🧦': new Uint8Array([1]),
};

/** A remote program that accepts every offer. */
async function programReceives(access: RelayClient, directory: string): Promise<WholeTransfer> {
  const meeting = await recipientAt(access);
  const accept = (manifest: Manifest): ReturnType<typeof openDestination> =>
    openDestination({ directory, manifest, conflict: 'rename' });
  return await receiveTransfer({ ...recipientSide(access, meeting), accept });
}

test('a program takes files from a page', async () => {
  const relay = await runningRelay();
  const to = await temporaryDirectory();
  const { open, sent } = pageSends(await pageAt(relay), chosen(CONTENTS));
  await open;
  const { bytes, files } = await programReceives(farAccess(relay), to);
  await sent;
  expect(bytes).toBe(3_000_002);
  expect(files.map(({ path, sha256 }) => [path, sha256]).sort()).toEqual(
    Object.entries(CONTENTS).map(([path, content]) => [path, digest(content)]),
  );
  expect(digest(await readFile(join(to, 'füße/big')))).toBe(digest(CONTENTS['füße/big']));
  expect((await tree(to)).length).toBeGreaterThan(5);
});

test('a page takes files from a page', async () => {
  const relay = await runningRelay();
  const { open, sent } = pageSends(await pageAt(relay), chosen(CONTENTS));
  await open;
  const received = await pageReceives(await pageAt(relay));
  await sent;
  expect(await contentOf(received)).toEqual(
    Object.fromEntries(Object.entries(CONTENTS).map(([path, bytes]) => [path, digest(bytes)])),
  );
});

test('a broken stream of a page is opened again', async () => {
  const relay = await runningRelay();
  const page = await pageAt(relay, { tap: breaking('client', 1_200_000, 1) });
  const away: boolean[] = [];
  const { open, sent } = pageSends(page, chosen(CONTENTS), {
    onAway: (isAway) => away.push(isAway),
  });
  await open;
  const { bytes } = await programReceives(farAccess(relay), await temporaryDirectory());
  await sent;
  expect(bytes).toBe(3_000_002);
  expect(away).toEqual([true, false]);
});

test('a page hears that the other side declined', async () => {
  const relay = await runningRelay();
  const { open, sent } = pageSends(await pageAt(relay), chosen(CONTENTS));
  await open;
  const declining = pageReceives(await pageAt(relay), {
    decide: () => Promise.reject(new OnionferryError('ERR_REFUSED', 'declined')),
  });
  await expect(declining).rejects.toMatchObject({ code: 'ERR_REFUSED' });
  await expect(sent).rejects.toMatchObject({ code: 'ERR_REFUSED' });
});

test('a file that cannot be read any more ends it on both sides', async () => {
  const relay = await runningRelay();
  const what = chosen(CONTENTS);
  const broken = new OnionferryError('ERR_SOURCE_CHANGED', 'changed');
  const { open, sent } = pageSends(await pageAt(relay), {
    ...what,
    read: () => Promise.reject(broken),
  });
  await open;
  const receiving = pageReceives(await pageAt(relay));
  await expect(receiving).rejects.toMatchObject({ code: 'ERR_SOURCE_CHANGED' });
  await expect(sent).rejects.toMatchObject({ code: 'ERR_SOURCE_CHANGED' });
});

test('two files of one name cannot be chosen together', () => {
  expect(() => chosen({ a: new Uint8Array(1), 'a/b': new Uint8Array(1) })).toThrow(OnionferryError);
});

test('a program takes files from a page, whichever machine of its relay it comes to', async () => {
  const fleet = new Fleet();
  const [one, other] = [await fleet.add(), await fleet.add()];
  const { open, sent } = pageSends(await pageAt(one.relay), chosen(CONTENTS));
  await open;
  const program = fleet.client(other.onion);
  const { bytes } = await programReceives(program, await temporaryDirectory());
  await sent;
  expect(bytes).toBe(3_000_002);
});
