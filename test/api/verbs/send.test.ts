import { randomBytes } from 'node:crypto';
import { appendFile, readdir, readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { expect, onTestFinished, test, vi } from 'vitest';
import { withExclude, withGitIgnore, withGrowing } from '../../../src/api/content-options.js';
import {
  withBrowserLink,
  withCurve,
  withExpiry,
  withIdentity,
  withKeep,
  withPassword,
  withPrivate,
  withRelay,
  withSignal,
  withThrottle,
  withVerify,
} from '../../../src/api/options.js';
import { withOutput } from '../../../src/api/receive-options.js';
import type { Option } from '../../../src/api/settings.js';
import { receive } from '../../../src/api/verbs/receive.js';
import { resumeSend } from '../../../src/api/verbs/resume-send.js';
import { send } from '../../../src/api/verbs/send.js';
import { formatAuthorization } from '../../../src/base/authorization.js';
import { toBase64Url } from '../../../src/base/bytes.js';
import { readInvitation } from '../../../src/pake/invitation.js';
import { formatPassword, generatePassword, parsePassword } from '../../../src/pake/password.js';
import { HTTP_PORT, RELAY_USER } from '../../../src/relay-protocol/wire.js';
import { TokenBucket } from '../../../src/stream/token-bucket.js';
import { ONION } from '../../session/support/parties.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import type { AnsweringTor } from './answering-tor.js';
import {
  answeringTor,
  at,
  files,
  newAt,
  type Observed,
  observed,
  online,
  visit,
} from './fixture.js';

async function joinAsSender(tor: AnsweringTor, access: string): Promise<unknown> {
  return await new Promise((resolve, reject) => {
    const asked = request(
      {
        ...{ port: tor.portOf(HTTP_PORT), method: 'POST', path: '/join' },
        headers: {
          authorization: formatAuthorization({ user: RELAY_USER, password: access }),
          'content-type': 'application/json',
        },
      },
      (reply) => resolve(json(reply)),
    );
    asked.on('error', reject);
    asked.end(JSON.stringify({ role: 'sender', nonce: toBase64Url(randomBytes(16)) }));
  });
}

test('nobody else sends over the relay of a sender, even with its access words', async () => {
  const tor = await answeringTor();
  const { place } = await online(send({ text: 'hello' }, ...(await newAt(tor))));
  const { password } = place;
  const { access } = parsePassword(password);
  expect(await joinAsSender(tor, access)).toEqual({ error: { code: 'no-senders' } });
});

test('no password is chosen for several recipients on somebody else’s relay', () => {
  const over = withSignal(AbortSignal.abort(new Error('it must not begin')));
  const chosen = withPassword(formatPassword(generatePassword()));
  const relay = withRelay(ONION, 'of-the-relay');
  expect(() => send({ text: 'a' }, withKeep(), relay, chosen, over)).toThrow(
    expect.objectContaining({ code: 'ERR_USAGE' }) as Error,
  );
});

/** A sender of `folder`, and where to fetch it from. */
async function sender(
  folder: string,
  ...options: Option<'send'>[]
): Promise<{
  tor: AnsweringTor;
  sending: Awaited<ReturnType<typeof online<ReturnType<typeof send>>>>;
}> {
  const tor = await answeringTor();
  const sending = await online(send([folder], ...(await newAt(tor)), ...options));
  return { tor, sending };
}

async function received(
  tor: AnsweringTor,
  invitation: string,
  ...options: Option<'receive'>[]
): Promise<{ to: string; receiving: Observed<ReturnType<typeof receive>> }> {
  const to = await temporaryDirectory();
  const receiving = observed(receive(invitation, ...(await at(tor)), withOutput(to), ...options));
  await receiving.call.done;
  return { to, receiving };
}

const contentOf = async (to: string): Promise<string[]> =>
  (await readdir(to, { recursive: true })).map((path) => path.replace(/^[^/]*\/?/, '')).toSorted();

test('what is left out is not sent, and not offered on pages either', async () => {
  const folder = await files({
    'kept.txt': 'kept',
    'left.log': 'left',
    'of.git': 'ignored',
    '.gitignore': '*.git\n',
  });
  const { tor, sending } = await sender(folder, withExclude('*.log'), withGitIgnore());
  const { onion, password, invitation } = sending.place;
  const page = await visit(tor, { onion, user: RELAY_USER, password }, '/');
  const text = await page.text();
  expect(text).toContain('kept.txt');
  expect(text).not.toContain('left.log');
  expect(text).not.toContain('of.git');
  const { to } = await received(tor, invitation);
  expect(await contentOf(to)).toEqual(['', '.gitignore', 'kept.txt']);
});

test('the curve, the key of a private address and a link for browsers are in what is told', async () => {
  const folder = await files({ a: 'a' });
  const { tor, sending } = await sender(
    folder,
    withCurve('p521'),
    withPrivate(),
    withBrowserLink(),
  );
  const { invitation, clientKey = '', link = '' } = sending.place;
  expect(readInvitation(invitation)).toMatchObject({ curve: 'p521', clientKey });
  expect(link).toContain('@');
  expect(tor.commands.find((one) => one.startsWith('ADD_ONION'))).toContain('ClientAuthV3=');
  const { to } = await received(tor, invitation);
  expect(await contentOf(to)).toEqual(['', 'a']);
  expect(tor.commands.some((one) => one.startsWith('ONION_CLIENT_AUTH_ADD'))).toBe(true);
});

test('everything that either side has throttled goes through its bucket', async () => {
  const folder = await files({ a: 'x'.repeat(5000) });
  const taken = vi.spyOn(TokenBucket.prototype, 'take');
  onTestFinished(() => taken.mockRestore());
  const { tor, sending } = await sender(folder, withThrottle(10_000_000));
  await received(tor, sending.place.invitation, withThrottle(20_000_000));
  await sending.call.done;
  const bytes = new Map<number, number>();
  for (const [n, [count]] of taken.mock.calls.entries()) {
    const { rate } = taken.mock.contexts[n] as TokenBucket; // a method's `this`
    bytes.set(rate, (bytes.get(rate) ?? 0) + count);
  }
  expect(bytes.get(10_000_000)).toBeGreaterThanOrEqual(5000);
  expect(bytes.get(20_000_000)).toBeGreaterThanOrEqual(5000);
});

test('with several recipients the sender stays, and otherwise it ends', async () => {
  const folder = await files({ a: 'a' });
  const { tor, sending } = await sender(folder, withKeep());
  await received(tor, sending.place.invitation);
  await received(tor, sending.place.invitation);
  await sending.call.suspend();
  expect(await sending.call.done).toMatchObject({ files: 1 });
});

test('an offer that nobody takes expires', async () => {
  const { sending } = await sender(await files({ a: 'a' }), withExpiry(1));
  await expect(sending.call.done).rejects.toMatchObject({ code: 'ERR_TIMEOUT' });
});

test('both sides compare the same phrase before anything is offered', async () => {
  const phrases: string[] = [];
  const compare = (isSame: boolean) =>
    withVerify((phrase) => {
      phrases.push(phrase);
      return isSame;
    });
  const { tor, sending } = await sender(await files({ a: 'a' }), compare(true));
  const refusing = received(tor, sending.place.invitation, compare(false));
  await expect(refusing).rejects.toMatchObject({ code: 'ERR_UNVERIFIED' });
  await received(tor, sending.place.invitation, compare(true));
  expect(phrases).toHaveLength(4);
  expect(new Set(phrases).size).toBe(2);
});

test('a sender that says no ends with the reason alone, and not with a recipient that has gone', async () => {
  const folder = await files({ a: 'a' });
  const { tor, sending } = await sender(
    folder,
    withVerify(() => false),
  );
  const receiving = received(
    tor,
    sending.place.invitation,
    withVerify(() => true),
  );
  await expect(receiving).rejects.toMatchObject({ code: 'ERR_UNVERIFIED' });
  await expect(sending.call.done).rejects.toMatchObject({ code: 'ERR_UNVERIFIED' });
  expect(sending.events.at(-1)).toMatchObject({ event: 'verify' });
});

test('a stored identity has the same address each time', async () => {
  const tor = await answeringTor();
  const options = [...(await at(tor)), withIdentity('mine')];
  const onions: string[] = [];
  while (onions.length < 2) {
    const sending = await online(send({ text: 'a' }, ...options));
    onions.push(sending.place.onion);
    await sending.call.close();
  }
  expect(new Set(onions).size).toBe(1);
});

test('a file that grows is sent as long as it was, if that was said', async () => {
  const content = async (...options: Option<'send'>[]): Promise<string> => {
    const path = join(await files({ log: 'one' }), 'log');
    const tor = await answeringTor();
    const { place } = await online(send([path], ...(await newAt(tor)), ...options));
    await appendFile(path, ' two');
    const { to } = await received(tor, place.invitation);
    return await readFile(join(to, 'log'), 'utf8');
  };
  expect(await content(withGrowing())).toBe('one');
  await expect(content()).rejects.toMatchObject({ code: 'ERR_SOURCE_CHANGED' });
});

test('there is nothing to go on with where nothing was interrupted', async () => {
  const tor = await answeringTor();
  const { call } = observed(resumeSend(...(await at(tor))));
  await expect(call.done).rejects.toMatchObject({ code: 'ERR_USAGE' });
});
