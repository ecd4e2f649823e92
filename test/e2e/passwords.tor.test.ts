import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { json } from 'node:stream/consumers';
import { describe, expect, inject } from 'vitest';
import { parseOnionAddress } from '../../src/onion/address.js';
import { HTTP_PORT, STREAM_PORT } from '../../src/relay-protocol/wire.js';
import { dialOnion } from '../../src/tor/dial/dial-onion.js';
import { OnionAgent } from '../../src/tor/dial/onion-agent.js';
import type { Printed } from '../support/ferry.js';
import { namesBelow } from '../support/left-behind.js';
import { startOnTerminal } from '../support/run-program.js';
import { test } from '../support/stage.js';
import { startTor } from '../support/start-tor.js';

/** Less than the minute after which a relay gives up a recipient that says nothing. */
const HELD_UP_MS = 45_000;

describe.concurrent('a sender that waits', () => {
  test('turns wrong passwords away, and keeps waiting for the right one', async ({ stage }) => {
    const file = await stage.file('from/note', 'for one only');
    const sender = await stage.start(['send', '--json', file]);
    const { onion, password } = await sender.told('online');
    const [w1, w2, ...others] = password.split('-');
    const receive = (...words: unknown[]): ReturnType<typeof stage.start> =>
      stage.start(['receive', onion, '--json', '--out', stage.at('to')], {
        env: { ONIONFERRY_PASSWORD: words.join('-') },
      });
    const [wrongWords, authenticationFailure] = await Promise.all([
      receive(w1, w2, ...others.toReversed()),
      receive(w2, w1, ...others),
    ]);
    for (const wrong of [wrongWords, authenticationFailure]) {
      await wrong.exits(3);
      expect(await wrong.told('error')).toMatchObject({ code: 'ERR_PASSWORD' });
      expect(wrong.stderr).toMatch(/^onionferry: error: .*password.*\n/);
    }
    // The recipient may have ended before the sender has told so.
    await sender.told('peer', ({ state }) => state === 'rejected');
    expect(sender.events.filter(({ event }) => event === 'peer')).toEqual([
      { event: 'peer', state: 'joined' },
      { event: 'peer', state: 'rejected' },
    ]);
    expect(await namesBelow(stage.at('to'))).toEqual([]);

    const right = await receive(w1, w2, ...others);
    await Promise.all([right.exits(0), sender.exits(0)]);
    expect(await readFile(stage.at('to/note'), 'utf8')).toBe('for one only');
  });

  test('is not held up by three that join and say nothing', async ({ stage }) => {
    const file = await stage.file('from/note', 'for the fourth');
    const [sender, opened] = await Promise.all([
      stage.start(['send', '--json', file]),
      startTor({ dataDir: stage.home(), torrc: inject('torrc') }),
    ]);
    await using tor = opened;
    const online = await sender.told('online');
    const onion = parseOnionAddress(online.onion);
    const agents = [0, 1, 2].map(
      (n) => new OnionAgent({ socks: tor.socks, isolation: `silent-${n}` }),
    );
    const replies = await Promise.all(agents.map((agent) => join(online, agent)));
    for (const reply of replies) {
      expect(reply).toMatchObject({ state: { role: 'recipient', phase: 'joined' } });
    }
    // And one that does not even join.
    const isolation = 'silent-stream';
    const stream = await dialOnion({ socks: tor.socks, onion, port: STREAM_PORT, isolation });

    const recipient = await stage.start(['receive', '--json', '--out', stage.at('to')], {
      input: online.invitation,
    });
    await Promise.all([recipient.exits(0, HELD_UP_MS), sender.exits(0)]);
    expect(await readFile(stage.at('to/note'), 'utf8')).toBe('for the fourth');
    stream.destroy();
    for (const agent of agents) agent.destroy();
  });
});

test('a sender takes another password from a person who mistyped it, over the same Tor', async ({
  stage,
}) => {
  const file = await stage.file('from/note', 'for one only');
  // The other side is started without what makes tests cheaper.
  const sender = await stage.start(['send', '--json', file], { isBare: true });
  const { onion, password } = await sender.told('online');
  const [first = '', second = '', ...others] = password.split('-');
  const args = ['receive', onion, '--yes', '-o', stage.at('to/other'), '--throttle', '1MB/s'];
  const recipient = startOnTerminal(args, { env: await stage.environment(stage.home()) });
  await recipient.saw(/enter the password/);
  recipient.child.stdin?.write(`${[second, first, ...others].join('-')}\r`);
  await recipient.saw(/not the right one[^]*enter the password/);
  recipient.child.stdin?.write(`${password}\r`);
  expect((await recipient.ended).status).toBe(0);
  await sender.exits(0);
  expect(await readFile(stage.at('to/other'), 'utf8')).toBe('for one only');
});

/** Joins a sender's channel by its address and its access, as somebody without our program might. */
async function join(
  { onion, user, password }: Printed<'online'>,
  agent: OnionAgent,
): Promise<unknown> {
  const access = password.split('-').slice(0, 2).join('-');
  const nonce = randomBytes(16).toString('base64url');
  const body = JSON.stringify({ role: 'recipient', channel: access, nonce });
  return await new Promise((resolve, reject) => {
    const outgoing = request({
      agent,
      host: onion,
      port: HTTP_PORT,
      method: 'POST',
      path: '/join',
      auth: `${user}:${access}`,
      headers: { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) },
    });
    outgoing.once('error', reject);
    outgoing.once('response', (incoming) => {
      json(incoming).then(resolve, reject);
    });
    outgoing.end(body);
  });
}
