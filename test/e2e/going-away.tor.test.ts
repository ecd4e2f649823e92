import { describe, expect } from 'vitest';
import { createIdentity } from '../../src/onion/identity.js';
import { halfway, recordsOf } from '../support/halfway.js';
import { leftBehind, namesBelow } from '../support/left-behind.js';
import { descendantsOf, untilEnded } from '../support/processes.js';
import { test } from '../support/stage.js';

describe.concurrent('when one side is killed in the middle', () => {
  test.for([
    'sender',
    'recipient',
  ] as const)('the %s’s tor ends, and the other side waits until it is interrupted', async (side, {
    stage,
  }) => {
    const sides = await halfway(stage);
    const [killed, other] = [sides[side], sides[side === 'sender' ? 'recipient' : 'sender']];
    const otherHome = side === 'sender' ? sides.recipientHome : sides.senderHome;
    const [orphans, children] = await Promise.all([
      descendantsOf(killed.pid),
      descendantsOf(other.pid),
    ]);
    await killed.kill();
    // Nearly always tor tells at once that the other side's tor has gone. But a relay that has
    // nothing else to send may keep that to itself; then it is the silence that is noticed.
    await other.told('waiting');
    await untilEnded(orphans);
    other.interrupt();
    await other.exits(130);
    expect(await leftBehind(otherHome, children)).toEqual([]);
    expect(await recordsOf(otherHome)).toEqual([]);
    if (side === 'sender') expect(await namesBelow(stage.at('to'))).toEqual([]);
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
