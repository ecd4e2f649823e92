import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect } from 'vitest';
import { createIdentity } from '../../src/onion/identity.js';
import type { Ferry } from '../support/ferry.js';
import { halfway, recordsOf } from '../support/halfway.js';
import { leftBehind, namesBelow } from '../support/left-behind.js';
import { descendantsOf, untilEnded } from '../support/processes.js';
import { type Stage, test } from '../support/stage.js';

/** Moments between the start of the program and the first word of its tor, on any machine. */
const EARLY_MS = [100, 300, 500, 700, 1000, 1500, 2000];

describe.concurrent('Ctrl-C leaves no process, socket or file behind', () => {
  test('in a sender while tor starts', async ({ stage }) => {
    const home = stage.home();
    const sender = await send(stage, home);
    await sender.told('tor');
    await interrupt(sender, home);
  });

  test('in a sender that waits', async ({ stage }) => {
    const home = stage.home();
    const sender = await send(stage, home);
    await sender.told('online');
    await interrupt(sender, home);
  });

  test('in a sender in the middle of a transfer, which ends the recipient', async ({ stage }) => {
    const { sender, senderHome, recipient, recipientHome } = await halfway(stage);
    const children = await descendantsOf(recipient.pid);
    await interrupt(sender, senderHome);
    await recipient.exits(5);
    expect(await recipient.told('error')).toMatchObject({ code: 'ERR_PEER_GONE' });
    expect(await leftBehind(recipientHome, children)).toEqual([]);
    expect(await namesBelow(stage.at('to'))).toEqual([]);
    // What a person has ended is not resumed.
    expect(await recordsOf(senderHome)).toEqual([]);
    expect(await recordsOf(recipientHome)).toEqual([]);
  });

  test('in a recipient while tor starts', async ({ stage }) => {
    const home = stage.home();
    const recipient = await receiveFromNobody(stage, home);
    await recipient.told('tor');
    await interrupt(recipient, home);
  });

  test('in a recipient that looks for the sender', async ({ stage }) => {
    const home = stage.home();
    const recipient = await receiveFromNobody(stage, home);
    await recipient.told('tor', ({ progress }) => progress === 100);
    await interrupt(recipient, home);
  });

  test('in a recipient in the middle of a transfer, which ends the sender', async ({ stage }) => {
    const { sender, senderHome, recipient, recipientHome } = await halfway(stage);
    const children = await descendantsOf(sender.pid);
    await interrupt(recipient, recipientHome);
    expect(await namesBelow(stage.at('to'))).toEqual([]);
    await sender.exits(5);
    expect(sender.events).toContainEqual({ event: 'peer', state: 'left' });
    expect(await leftBehind(senderHome, children)).toEqual([]);
    expect(await recordsOf(senderHome)).toEqual([]);
    expect(await recordsOf(recipientHome)).toEqual([]);
  });

  test.for(EARLY_MS)('in a sender %i ms after its start', async (ms, { stage }) => {
    const home = stage.home();
    const sender = await send(stage, home);
    await sleep(ms);
    const children = await descendantsOf(sender.pid);
    sender.interrupt();
    const { status, signal } = await sender.ends();
    // At first it is still node that hears it, and does the same.
    expect(signal ?? status).toBeOneOf([130, 'SIGINT']);
    expect(await leftBehind(home, children)).toEqual([]);
  });

  test.for(['SIGTERM', 'SIGHUP'] as const)('and neither does %s', async (signal, { stage }) => {
    const home = stage.home();
    const sender = await send(stage, home);
    await sender.told('tor');
    const children = await descendantsOf(sender.pid);
    process.kill(sender.pid, signal);
    await sender.exits(5);
    expect(await leftBehind(home, children)).toEqual([]);
  });

  test('also when it comes twice', async ({ stage }) => {
    const { recipient, recipientHome } = await halfway(stage);
    const children = await descendantsOf(recipient.pid);
    recipient.interrupt();
    recipient.interrupt();
    await recipient.exits(130);
    await untilEnded(children);
    expect(await leftBehind(recipientHome, children)).toEqual([]);
    expect(await namesBelow(stage.at('to'))).toEqual([]);
  });
});

describe.concurrent('a service ends politely by SIGTERM and SIGHUP', () => {
  test.for([
    [['share', 'from/note'], 'SIGTERM', 'online'],
    [['share', 'from/note'], 'SIGHUP', 'tor'],
    [['inbox', 'in'], 'SIGTERM', 'online'],
    [['site', 'from'], 'SIGHUP', 'online'],
    [['relay'], 'SIGTERM', 'online'],
    [['send', '--keep', 'from/note'], 'SIGTERM', 'online'],
    [['send', '--keep', 'from/note'], 'SIGHUP', 'tor'],
  ] as const)('%j by %s once it has told "%s"', async ([args, signal, event], { stage }) => {
    const home = stage.home();
    await stage.file('from/note', 'x');
    const named = args.map((arg) => (/^from|^in$/.test(arg) ? stage.at(arg) : arg));
    const service = await stage.start([...named, '--json'], { home });
    await service.told(event);
    const children = await descendantsOf(service.pid);
    process.kill(service.pid, signal);
    await service.exits(0);
    expect(service.events.filter((told) => told.event === 'error')).toEqual([]);
    expect(await leftBehind(home, children)).toEqual([]);
  });
});

async function send(stage: Stage, home: string): Promise<Ferry> {
  const file = await stage.file('from/note', 'x');
  return await stage.start(['send', '--json', file], { home });
}

/** A recipient that keeps looking: its sender may yet come. */
async function receiveFromNobody(stage: Stage, home: string): Promise<Ferry> {
  const args = ['receive', '--json', createIdentity().address, '--out', stage.at('to')];
  const env = { ONIONFERRY_PASSWORD: 'one-two-three-four-five' };
  return await stage.start(args, { home, env });
}

async function interrupt(ferry: Ferry, home: string): Promise<void> {
  const children = await descendantsOf(ferry.pid);
  expect(children).not.toEqual([]);
  ferry.interrupt();
  await ferry.exits(130);
  expect(await leftBehind(home, children)).toEqual([]);
}
