import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, onTestFinished } from 'vitest';
import { startPrivateNetwork } from '../../src/tor/private-network/start.js';
import { hashOf, sha256 } from '../support/carry.js';
import { canConnect, listenOn, type NatWorld, openNatWorld } from '../support/nat-world.js';
import { openStage, type Stage, test } from '../support/stage.js';

const CONTENT = randomBytes(3_000_000);
const PORT = 8080;

describe('two hosts, each behind a NAT that lets nothing in', () => {
  let nat: NatWorld;
  let stage: Stage;
  const opened: AsyncDisposable[] = [];

  beforeAll(async () => {
    nat = await openNatWorld();
    opened.push(nat);
    const network = await startPrivateNetwork({
      program: inject('torProgram'),
      directory: join(inject('runDirectory'), 'nat-network'),
      address: nat.world.address,
      command: (argv) => [...nat.world.prefix, ...argv],
    });
    opened.push(network);
    stage = await openStage(network.torrc);
    opened.push(stage);
  });
  afterAll(async () => {
    for (const one of opened.reverse()) await one[Symbol.asyncDispose]();
  });

  test('reach the world, but neither each other, nor does the world reach them', async () => {
    const { a, b, world } = nat;
    for (const prefix of [world.prefix, a.prefix, b.prefix]) {
      onTestFinished(await listenOn(prefix, PORT));
    }
    expect(
      await Promise.all([
        canConnect(a.prefix, world.address, PORT),
        canConnect(b.prefix, world.address, PORT),
        canConnect(a.routerPrefix, a.address, PORT),
        canConnect(b.routerPrefix, b.address, PORT),
      ]),
    ).toEqual([true, true, true, true]);
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      expect(
        await Promise.all([
          canConnect(from.prefix, to.address, PORT),
          canConnect(from.prefix, to.publicAddress, PORT),
          canConnect(world.prefix, to.address, PORT),
          canConnect(world.prefix, to.publicAddress, PORT),
        ]),
      ).toEqual([false, false, false, false]);
    }
  });

  test('carry a file from one to the other', async () => {
    const { a, b } = nat;
    const file = await stage.file('from/photo.jpg', CONTENT);
    const sender = await stage.start(['send', '--json', file], { prefix: a.prefix });
    const { invitation } = await sender.told('online');
    const recipient = await stage.start(['receive', '--json', '--out', stage.at('to')], {
      prefix: b.prefix,
      input: invitation,
    });
    await Promise.all([recipient.exits(0), sender.exits(0)]);
    expect(await hashOf(stage.at('to/photo.jpg'))).toBe(sha256(CONTENT));
  });
});
