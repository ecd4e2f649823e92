import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { withCircuits, withPassword } from '../../../src/api/options.js';
import {
  withAccept,
  withAnotherPassword,
  withConflict,
  withOnly,
  withOutput,
  withOutputName,
  withOutputStream,
} from '../../../src/api/receive-options.js';
import type { Option } from '../../../src/api/settings.js';
import { receive } from '../../../src/api/verbs/receive.js';
import { send } from '../../../src/api/verbs/send.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import type { AnsweringTor } from './answering-tor.js';
import { answeringTor, at, files, newAt, observed, online } from './fixture.js';

async function offered(
  contents: Readonly<Record<string, string>>,
): Promise<{ tor: AnsweringTor; invitation: string; password: string; onion: string }> {
  const tor = await answeringTor();
  const folder = await files(contents);
  const paths = Object.keys(contents).map((name) => join(folder, name));
  const { place } = await online(send(paths, ...(await newAt(tor))));
  return { tor, ...place };
}

async function take(
  tor: AnsweringTor,
  from: string,
  ...options: Option<'receive'>[]
): Promise<ReturnType<typeof observed<ReturnType<typeof receive>>>> {
  const receiving = observed(receive(from, ...(await at(tor)), ...options));
  await receiving.call.done;
  return receiving;
}

test('only what was asked for is fetched', async () => {
  const { tor, invitation } = await offered({ 'a.txt': 'a', 'b.log': 'b' });
  const to = await temporaryDirectory();
  await take(tor, invitation, withOutput(to), withOnly('*.txt'));
  expect(await readdir(to)).toEqual(['a.txt']);
});

test('what is there already is dealt with as was said, under the name that was chosen', async () => {
  const { tor, invitation } = await offered({ a: 'new' });
  const to = await temporaryDirectory();
  await writeFile(join(to, 'mine'), 'old');
  const options = [withOutput(to), withOutputName('mine'), withConflict('overwrite')];
  await take(tor, invitation, ...options);
  expect(await readdir(to)).toEqual(['mine']);
  expect(await readFile(join(to, 'mine'), 'utf8')).toBe('new');
});

test('a file may go into a stream', async () => {
  const { tor, invitation } = await offered({ a: 'streamed' });
  const stream = new PassThrough();
  const content = text(stream);
  await take(tor, invitation, withOutputStream(stream));
  // It belongs to whoever gave it.
  stream.end();
  expect(await content).toBe('streamed');
});

test('what is declined is not written', async () => {
  const { tor, invitation } = await offered({ a: 'a' });
  const to = await temporaryDirectory();
  const declining = take(
    tor,
    invitation,
    withOutput(to),
    withAccept(() => false),
  );
  await expect(declining).rejects.toMatchObject({ code: 'ERR_REFUSED' });
  expect(await readdir(to)).toEqual([]);
});

test('another password is asked for after a wrong one, at an address that is given alone', async () => {
  const { tor, onion, password } = await offered({ a: 'a' });
  const [access, second, ...others] = password.split('-');
  const wrong = [access, second, ...others.toReversed()].join('-');
  const to = await temporaryDirectory();
  const options = [withOutput(to), withAnotherPassword(() => Promise.resolve(password))];
  await take(tor, onion, withPassword(wrong), ...options);
  expect(await readdir(to)).toEqual(['a']);
});

test('no more circuits are used than were allowed', async () => {
  const { tor, invitation } = await offered({ a: 'a'.repeat(4_000_000) });
  const to = await temporaryDirectory();
  const { call } = await take(tor, invitation, withOutput(to), withCircuits(1));
  expect(await call.done).toMatchObject({ circuits: 1 });
  // Its requests, and one stream.
  expect(tor.dialled).toHaveLength(2);
});
