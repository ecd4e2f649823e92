import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withoutNames, withUploadCheck } from '../../../src/api/inbox-options.js';
import { withInboxBounds, withKinds } from '../../../src/api/page-options.js';
import type { Option } from '../../../src/api/settings.js';
import { inbox } from '../../../src/api/verbs/inbox.js';
import { file, form } from '../../pages/inbox/running-inbox.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import { answeringTor, newAt, online, visit } from './fixture.js';

async function uploaded(
  name: string,
  ...options: Option<'inbox'>[]
): Promise<{ status: number; kept: string[]; told: unknown }> {
  const tor = await answeringTor();
  const directory = await temporaryDirectory();
  const { place, events } = await online(inbox(directory, ...(await newAt(tor)), ...options));
  const { headers, body } = form(file(name));
  const request = { method: 'POST', headers, body: new Uint8Array(body) };
  const { status } = await visit(tor, place, '/', request);
  const kept = (await readdir(directory)).filter((one) => !one.startsWith('.'));
  return { status, kept, told: events.find(({ event }) => event === 'file') };
}

test('an inbox keeps what is uploaded, and tells its name', async () => {
  const { status, kept, told } = await uploaded('a.txt');
  expect([status, kept]).toEqual([303, ['a.txt']]);
  expect(told).toMatchObject({ path: 'a.txt', bytes: 5 });
});

test('an inbox that tells no names keeps them in its folder alone', async () => {
  const { kept, told } = await uploaded('a.txt', withoutNames());
  expect(kept).toEqual(['a.txt']);
  expect(told).toMatchObject({ path: '' });
  expect(told).not.toHaveProperty('sha256');
});

test.each([
  ['kind', withKinds({ accept: ['pdf'] })],
  ['size', withInboxBounds({ bytesPerFile: 2 })],
])('an inbox refuses files of another %s', async (_, bound) => {
  const { status, kept } = await uploaded('a.txt', bound);
  expect(status).toBeGreaterThanOrEqual(400);
  expect(kept).toEqual([]);
});

test.each([
  ['true', 303, ['a.txt']],
  ['false', 422, []],
] as const)('an inbox keeps an upload only if its check ends well: %s', async (program, status, kept) => {
  const seen = await uploaded('a.txt', withUploadCheck({ command: [program] }));
  expect([seen.status, seen.kept]).toEqual([status, kept]);
});

test('an inbox makes its own folder and none above it, and says so before anything starts', async () => {
  const tor = await answeringTor();
  const directory = await temporaryDirectory();
  await online(inbox(join(directory, 'new'), ...(await newAt(tor))));
  expect(await readdir(directory)).toEqual(['new']);
  await writeFile(join(directory, 'file'), '');
  for (const [path, sentence] of [
    ['typo/new', `there is no folder ${join(directory, 'typo')}`],
    ['file', 'it is not a folder'],
    ['file/new', 'there is no such folder'],
  ] as const) {
    const events: unknown[] = [];
    const refused = inbox(join(directory, path), ...(await newAt(tor)));
    refused.onEvent((event) => events.push(event));
    await expect(refused.done).rejects.toMatchObject({
      ...{ code: 'ERR_DESTINATION', message: expect.stringContaining(sentence) as string },
    });
    expect(events).toEqual([]);
  }
  expect((await readdir(directory)).sort()).toEqual(['file', 'new']);
});
