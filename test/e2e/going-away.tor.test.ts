import { describe, expect } from 'vitest';
import { createIdentity } from '../../src/onion/identity.js';
import { SILENCE_MAX_MS } from '../../src/transfer/heartbeat.js';
import { halfway } from '../support/halfway.js';
import { namesBelow } from '../support/left-behind.js';
import { descendantsOf, untilEnded } from '../support/processes.js';
import { test } from '../support/stage.js';

/**
 * Nearly always tor tells within a second that the other side's tor has gone. But a relay that has
 * nothing else to send may keep that word to itself (a cell that destroys a circuit is queued, and
 * does not wake the scheduler when there are bytes under way already); then it is the silence that
 * is noticed.
 */
const NOTICED_MS = SILENCE_MAX_MS + 15_000;

describe.concurrent('when one side goes away in the middle', () => {
  test('a recipient whose sender was killed ends by itself, and leaves no half a file', async ({
    stage,
  }) => {
    const { sender, recipient } = await halfway(stage);
    const children = await descendantsOf(sender.pid);
    await sender.kill();
    await recipient.exits(5, NOTICED_MS);
    expect(await recipient.told('error')).toMatchObject({ code: 'ERR_PEER_GONE' });
    expect(await namesBelow(stage.at('to'))).toEqual([]);
    await untilEnded(children);
  });

  test('a sender whose recipient was killed ends by itself', async ({ stage }) => {
    const { sender, recipient } = await halfway(stage);
    const children = await descendantsOf(recipient.pid);
    await recipient.kill();
    await sender.exits(5, NOTICED_MS);
    expect(sender.events).toContainEqual({ event: 'peer', state: 'left' });
    expect(await sender.told('error')).toMatchObject({ code: 'ERR_PEER_GONE' });
    await untilEnded(children);
  });

  test.for([
    'sender',
    'recipient',
  ] as const)('a %s whose tor was killed says so, and the other side ends too', async (side, {
    stage,
  }) => {
    const sides = await halfway(stage);
    const [killed, other] = [sides[side], sides[side === 'sender' ? 'recipient' : 'sender']];
    for (const { pid } of await descendantsOf(killed.pid)) process.kill(pid, 'SIGKILL');
    await killed.exits(4, NOTICED_MS);
    expect(await killed.told('error')).toMatchObject({ code: 'ERR_TOR_DIED' });
    await other.exits(5, NOTICED_MS);
    expect(await namesBelow(stage.at('to'))).toEqual([]);
  });
});

describe.concurrent('without another side', () => {
  test('a recipient at an address that nobody publishes ends with status 5', async ({ stage }) => {
    const recipient = await stage.start(['receive', createIdentity().address], {
      env: { ONIONFERRY_PASSWORD: 'one-two-three-four-five' },
    });
    const { stderr } = await recipient.exits(5);
    expect(stderr).toMatch(/^onionferry: error: [^A-Z].*[^.\n]\nonionferry: hint: .*\n$/m);
  });

  test('a sender that has nothing to send says so at once', async ({ stage }) => {
    const missing = stage.at('from/missing');
    const sender = await stage.start(['send', '--json', missing]);
    await sender.exits(1);
    expect(sender.events).toEqual([
      { event: 'error', code: 'ERR_SOURCE', message: expect.stringContaining(missing) as string },
    ]);
  });

  test('a sender without tor ends with status 4, and one sentence', async ({ stage }) => {
    const file = await stage.file('from/note', 'x');
    const sender = await stage.start(['send', '--tor', stage.at('no/tor'), file]);
    const { stderr, stdout } = await sender.exits(4);
    expect(stderr).toMatch(/^onionferry: error: .*[^.\n]\nonionferry: hint: .*\n$/);
    expect(stderr).toContain(stage.at('no/tor'));
    expect(stdout.toString()).toBe('');
  });
});
