import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, inject, onTestFinished } from 'vitest';
import { startPrivateNetwork } from '../../src/private-network/start.js';
import { download } from '../support/browser/download.js';
import { startFirefox } from '../support/browser/start-firefox.js';
import { Visitor } from '../support/browser/visitor.js';
import { hashOf, sha256 } from '../support/carry.js';
import { halfway } from '../support/halfway.js';
import { canConnect, listenOn, openNatWorld } from '../support/nat-world.js';
import { test as base, openStage, SLOW_LINE, type Stage } from '../support/stage.js';
import { startTorElsewhere } from '../support/tor-elsewhere.js';
import { WAYS_OUT, WEB_PORTS, type WorldAround } from '../support/ways-out.js';

const CONTENT = randomBytes(1_000_000);
/** A slow line takes long enough for it that both directions are halfway at once. */
const LARGE = randomBytes(2_500_000);
const TWENTY = randomBytes(20_000_000);
const IS_FULL = process.env['REACH'] === 'full';
const MATRIX = Object.keys(WAYS_OUT).flatMap((way) =>
  (['out of it', 'into it'] as const).flatMap((side) =>
    (['its own', 'somebody else’s'] as const).map((whose) => [side, way, whose] as const),
  ),
);
const PORT = 8080;
/** Of the first authority. */
const DIRECTORY_PORT = 9001;

/** Where a program runs. */
interface Side {
  readonly prefix: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** The hosts, and a stage whose programs use a Tor network between them. */
const test = base.extend<{ nat: WorldAround & { stage: Stage } }>({
  nat: [
    // vitest reads the names of what a fixture needs from this parameter.
    async ({}, use) => {
      await using world = await openNatWorld();
      const program = inject('torProgram');
      const directory = join(inject('runDirectory'), 'nat');
      await using network = await startPrivateNetwork({
        program,
        directory: join(directory, 'network'),
        orPorts: WEB_PORTS,
        address: world.internet.address,
        command: (argv) => [...world.internet.prefix, ...argv],
      });
      await using stage = await openStage(network.torrc);
      await use({ world, stage, network, program, directory });
    },
    { scope: 'file' },
  ],
});

describe('two hosts, each behind a NAT that lets nothing in', () => {
  test('reach the internet, but neither each other, nor does the internet reach them', async ({
    nat,
  }) => {
    const { a, b, internet } = nat.world;
    for (const prefix of [internet.prefix, a.prefix, b.prefix]) {
      onTestFinished(await listenOn(prefix, PORT));
    }
    expect(
      await Promise.all([
        canConnect(a.prefix, internet.address, PORT),
        canConnect(b.prefix, internet.address, PORT),
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
          canConnect(internet.prefix, to.address, PORT),
          canConnect(internet.prefix, to.publicAddress, PORT),
        ]),
      ).toEqual([false, false, false, false]);
    }
  });

  test.for(
    Object.entries(WAYS_OUT),
  )('carry a file where nothing is let out but %s, whichever side that is', async ([, openWay], {
    nat,
  }) => {
    const { world, stage } = nat;
    const { a, b, internet } = world;
    await using way = await openWay(nat);
    for (const host of [a, b]) onTestFinished(await host.letOut(way.rules));
    expect(await canConnect(a.prefix, internet.address, DIRECTORY_PORT)).toBe(false);
    const file = await stage.file('from/letter', CONTENT);
    const given = { ...(way.env && { env: way.env }) };
    const sender = await stage.start(['send', '--json', '--verbose', ...way.args, file], {
      ...given,
      prefix: a.prefix,
    });
    const { invitation } = await sender.told('online');
    const out = stage.at(randomBytes(4).toString('hex'));
    const recipient = await stage.start(['receive', '--json', ...way.args, '--out', out], {
      ...given,
      prefix: b.prefix,
      input: invitation,
    });
    const ended = await Promise.all([recipient.exits(0), sender.exits(0)]);
    expect(await hashOf(join(out, 'letter'))).toBe(sha256(CONTENT));
    for (const { stdout, stderr } of ended) {
      for (const secret of way.secrets)
        expect(stdout.toString('utf8') + stderr).not.toContain(secret);
    }
  });

  // Run by `npm run reach`: minutes are too much for each change.
  test.for(IS_FULL ? MATRIX : [])(
    'carry 20 MB %s, with nothing let out but %s, over %s relay',
    { timeout: 10 * 60_000 },
    async ([side, wayName, whose], { nat }) => {
      const { world, stage } = nat;
      const { a, b, internet } = world;
      const openWay = WAYS_OUT[wayName];
      if (openWay === undefined) throw new Error(`no way ${wayName}`);
      await using way = await openWay(nat);
      onTestFinished(await a.letOut(way.rules));
      const behind: Side = { prefix: a.prefix, env: way.env ?? {} };
      const free: Side = { prefix: b.prefix, env: {} };
      const [sending, receiving] = side === 'out of it' ? [behind, free] : [free, behind];
      const argsOf = (host: Side): readonly string[] => (host === behind ? way.args : []);
      const relayArgs: string[] = [];
      const relayEnv = { ONIONFERRY_RELAY_PASSWORD: 'for friends: of mine' };
      if (whose === 'somebody else’s') {
        const relay = await stage.start(['relay', '--json'], {
          prefix: internet.prefix,
          env: relayEnv,
        });
        relayArgs.push('--relay', (await relay.told('online')).onion);
        onTestFinished(() => void relay.endBy('SIGTERM'));
      }
      const file = await stage.file('from/twenty', TWENTY);
      const begun = performance.now();
      const sender = await stage.start(['send', '--json', ...argsOf(sending), ...relayArgs, file], {
        ...sending,
        env: relayArgs.length > 0 ? { ...sending.env, ...relayEnv } : sending.env,
      });
      const { invitation } = await sender.told('online');
      const out = stage.at(randomBytes(4).toString('hex'));
      const recipient = await stage.start(
        ['receive', '--json', ...argsOf(receiving), '--out', out],
        { ...receiving, input: invitation },
      );
      await Promise.all([recipient.exits(0, 300_000), sender.exits(0, 300_000)]);
      const seconds = (performance.now() - begun) / 1000;
      expect(await hashOf(join(out, 'twenty'))).toBe(sha256(TWENTY));
      console.log(`${side}, ${wayName}, ${whose} relay: ${seconds.toFixed(1)} s`);
    },
  );

  test.for(IS_FULL ? Object.entries(WAYS_OUT) : [])(
    'carry a share of 20 MB to Firefox, with nothing let out of either but %s',
    { timeout: 10 * 60_000 },
    async ([name, openWay], { nat }) => {
      const { world, stage, network, program } = nat;
      const { a, b } = world;
      await using way = await openWay(nat);
      for (const host of [a, b]) onTestFinished(await host.letOut(way.rules));
      const file = await stage.file('from/twenty', TWENTY);
      const share = await stage.start(['share', '--json', ...way.args, file], {
        prefix: a.prefix,
        ...(way.env && { env: way.env }),
      });
      const { url, user, password } = await share.told('online');
      const directory = stage.at(randomBytes(4).toString('hex'));
      const torrc = `${network.torrc}\n${way.torrc}`;
      const elsewhere = { program, prefix: b.prefix, directory, torrc };
      await using tor = await startTorElsewhere(elsewhere);
      // Firefox itself is here: all that it can reach is this tor.
      const preferences = { 'network.proxy.socks': `file://${tor.socks}` };
      const browser = await startFirefox({ directory, socksPort: 0, preferences });
      onTestFinished(() => browser.close());
      const credentials = { user, password };
      await using visitor = await Visitor.arrive({ browser, directory, credentials });
      const begun = performance.now();
      await visitor.open(url);
      const path = await download(visitor, () => visitor.press('twenty'));
      const seconds = (performance.now() - begun) / 1000;
      expect(await hashOf(path)).toBe(sha256(TWENTY));
      console.log(`Firefox, ${name}: ${seconds.toFixed(1)} s`);
    },
  );

  test.for(IS_FULL ? (['recipient', 'sender'] as const) : [])(
    'go on when the %s gets another address and other routes midway',
    { timeout: 10 * 60_000 },
    async (who, { nat }) => {
      const { world, stage } = nat;
      const { a, b } = world;
      const sides = await halfway(stage, {
        path: await stage.file('from/moved', TWENTY),
        sender: { prefix: a.prefix, bytesPerSecond: 800_000 },
        recipient: { prefix: b.prefix },
        receiving: ['--circuits', '1'],
        out: `moved-${who}`,
        bytes: 2_000_000,
      });
      const begun = performance.now();
      await (who === 'sender' ? a : b).move();
      await sides.arrive(300_000);
      expect(await hashOf(sides.received)).toBe(sha256(TWENTY));
      const seconds = (performance.now() - begun) / 1000;
      console.log(`the ${who} moved midway: ${seconds.toFixed(1)} s until the end`);
    },
  );

  test('resume by themselves when the network of one was gone, whichever side that is', {
    timeout: 240_000,
  }, async ({ nat }) => {
    const { stage, world } = nat;
    const { a, b } = world;
    const ways = await Promise.all(
      [
        { from: a, to: b, name: 'there' },
        { from: b, to: a, name: 'back' },
      ].map(async ({ from, to, name }) => {
        return await halfway(stage, {
          path: await stage.file(`from/${name}`, LARGE),
          sender: { prefix: from.prefix },
          recipient: { prefix: to.prefix, ...SLOW_LINE },
          receiving: ['--circuits', '1'],
          out: name,
        });
      }),
    );
    const plugIn = await b.unplug();
    const all = ways.flatMap(({ sender, recipient }) => [sender, recipient]);
    // It lasts until no side endures the silence any more.
    const isLost = ({ reason }: { readonly reason: string }): boolean => /away|lost/.test(reason);
    await Promise.all(all.map((ferry) => ferry.told('waiting', isLost)));
    await plugIn();
    for (const sides of ways) {
      await sides.arrive();
      expect(await hashOf(sides.received)).toBe(sha256(LARGE));
      expect(await sides.kept()).toEqual([]);
    }
  });
});
