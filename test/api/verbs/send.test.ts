import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { json } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import {
  withDataDir,
  withEphemeral,
  withKeep,
  withPassword,
  withRelay,
  withSignal,
  withTor,
} from '../../../src/api/options.js';
import { send } from '../../../src/api/verbs/send.js';
import { formatAuthorization } from '../../../src/base/authorization.js';
import { toBase64Url } from '../../../src/base/bytes.js';
import { formatPassword, generatePassword, parsePassword } from '../../../src/pake/password.js';
import { HTTP_PORT, RELAY_USER } from '../../../src/relay-protocol/wire.js';
import { ONION } from '../../session/support/parties.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import { type AnsweringTor, startAnsweringTor } from './answering-tor.js';

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
  const tor = await startAnsweringTor();
  onTestFinished(() => tor[Symbol.asyncDispose]());
  const sending = send(
    { text: 'hello' },
    withDataDir(await temporaryDirectory()),
    withEphemeral(),
    withTor(tor.settings),
  );
  sending.done.catch(() => undefined);
  onTestFinished(() => sending.close());
  const { password } = await sending.online;
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
