import { once } from 'node:events';
import { access } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { OnionferryError } from '../../../src/base/errors.js';
import { createIdentity } from '../../../src/onion/identity.js';
import { dialOnion } from '../../../src/tor/dial/dial-onion.js';
import { OnionAgent } from '../../../src/tor/dial/onion-agent.js';
import { startTor } from '../../support/start-tor.js';
import {
  ask,
  circuitOf,
  reach,
  startEcho,
  startPair,
  type TorPair,
} from '../support/echo-service.js';
import { portsOf, withControl } from '../support/running-tor.js';

let pair: TorPair;

beforeAll(async () => {
  pair = await startPair();
});

afterAll(() => pair[Symbol.asyncDispose]());

describe('an ephemeral service', () => {
  test('is found beside others, and ends with its tor or when it is closed', async () => {
    await using listed = await startEcho(pair.home, 'listed');
    await using echo = await startEcho(pair.home, 'ephemeral', 'ephemeral');
    const publication = await pair.service.publish({
      identity: createIdentity(),
      ports: listed.ports,
    });
    const guest = await startTor({ dataDir: pair.home, external: portsOf(pair.service) });
    await expect(pair.service.publishEphemeral({ ports: listed.ports })).rejects.toMatchObject({
      code: 'ERR_TOR_PUBLISH', // tor takes no quoted paths there
    });
    const services = await Promise.all(
      [pair.service, pair.service, guest].map((tor) => tor.publishEphemeral({ ports: echo.ports })),
    );
    expect(new Set(services.map(({ onion }) => onion)).size).toBe(3);
    // The echo waits for a line: tor sends none about the circuit here.
    for (const { onion } of services) {
      const socket = await reach(pair.client, onion, 'a');
      socket.write('hello\n');
      expect(String((await once(socket, 'data'))[0])).toBe('ephemeral');
      socket.destroy();
    }
    expect(echo.lines).toEqual(['hello', 'hello', 'hello']);
    expect(await ask(pair.client, publication.onion, 'a')).toBe('listed');
    const [first, second, third] = services;
    await first!.close();
    await guest.close();
    await Promise.all([first!.ended, third!.ended]);
    const { socks } = pair.client;
    await Promise.all(
      [first!, third!].map(async ({ onion }) => {
        const gone = { socks, onion, port: 80, isolation: 'b', deadlineMs: 5_000 };
        await expect(dialOnion(gone)).rejects.toBeInstanceOf(OnionferryError);
      }),
    );
    const stays = await reach(pair.client, second!.onion, 'c');
    stays.destroy();
    await second!.close();
    await publication.close();
  });
});

describe('a published service', () => {
  test('is reached at its address, each connection with the number of its circuit', async () => {
    await using echo = await startEcho(pair.home, 'hello');
    const identity = createIdentity();
    const uploaded: number[] = [];
    const publication = await pair.service.publish({
      identity,
      ports: echo.ports,
      onUploaded: (count) => uploaded.push(count),
    });
    expect(publication.onion).toBe(identity.address);
    expect(uploaded.length).toBeGreaterThanOrEqual(2);
    // The first stays open: up to 0.4.9.12 tor forgets a circuit's isolation with its first stream.
    const sockets: Socket[] = [];
    for (const [isolation, port] of [
      ['a', 80],
      ['a', 81],
      ['b', 80],
    ] as const) {
      const socket = await reach(pair.client, identity.address, isolation, port);
      expect(String((await once(socket, 'data'))[0])).toBe('hello');
      sockets.push(socket);
    }
    for (const socket of sockets) socket.destroy();
    await publication.close();
    const circuits = echo.lines.map(circuitOf);
    expect(circuits[0]).toBeGreaterThan(0);
    expect(circuits[1]).toBe(circuits[0]); // one isolation value, one circuit, whatever the port
    expect(circuits[2]).not.toBe(circuits[0]);
    expect(echo.lines.map((line) => line.split(' ').at(-1))).toEqual(['80', '81', '80']);
  });

  test('is reached by http through the agent, on one connection', async () => {
    await using echo = await startEcho(pair.home, 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi');
    const publication = await pair.service.publish({
      identity: createIdentity(),
      ports: echo.ports,
    });
    const agent = new OnionAgent({ socks: pair.client.socks, isolation: 'http' });
    const request = get({ host: publication.onion, agent });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    expect(await text(response)).toBe('hi');
    expect(echo.lines).toHaveLength(1);
    agent.destroy();
    await publication.close();
  });

  test("can close one client's circuit and no other", async () => {
    await using echo = await startEcho(pair.home, 'hello');
    const publication = await pair.service.publish({
      identity: createIdentity(),
      ports: echo.ports,
    });
    const { onion } = publication;
    const [first, second] = await Promise.all(
      ['first', 'second'].map(async (isolation) => {
        const socket = await reach(pair.client, onion, isolation);
        await once(socket, 'data');
        return socket;
      }),
    );
    const circuit = circuitOf(echo.lines[0]);
    const ended = Promise.race([
      once(first!.resume(), 'close').then(() => 'first'),
      once(second!.resume(), 'close').then(() => 'second'),
    ]);
    await pair.service.closeCircuit(circuit);
    expect(['first', 'second']).toContain(await ended);
    await expect.poll(() => echo.sockets.size).toBe(1);
    await pair.service.closeCircuit(circuit); // gone already
    for (const socket of [first, second]) socket?.destroy();
    await publication.close();
  });

  test('has the same address after a restart, and can be found there', async () => {
    await using echo = await startEcho(pair.home, 'hello');
    const identity = createIdentity();
    for (let round = 0; round < 2; round++) {
      const tor = await startTor({ dataDir: pair.home, torrc: inject('torrc') });
      const publication = await tor.publish({ identity, ports: echo.ports });
      expect(publication.onion).toBe(identity.address);
      expect(await ask(pair.client, publication.onion, `round ${round}`)).toBe('hello');
      await tor.close();
    }
  });

  test('is not affected by others that come and go', async () => {
    await using one = await startEcho(pair.home, 'one');
    await using two = await startEcho(pair.home, 'two');
    const identity = createIdentity();
    const [first, second] = await Promise.all([
      pair.service.publish({ identity, ports: one.ports }),
      pair.service.publish({ identity: createIdentity(), ports: two.ports }),
    ]);
    expect(await ask(pair.client, first.onion, 'a')).toBe('one');
    expect(await ask(pair.client, second.onion, 'a')).toBe('two');
    await first.close();
    const { socks } = pair.client;
    const gone = { socks, onion: first.onion, port: 80, isolation: 'b', deadlineMs: 5_000 };
    await expect(dialOnion(gone)).rejects.toBeInstanceOf(OnionferryError);
    expect(await ask(pair.client, second.onion, 'b')).toBe('two');
    await second.close();
  });

  test('survives a client in the second in which another service goes', async () => {
    // With proof of work on a service that stays, tor 0.4.9.11 dies here of signal 11.
    await using echo = await startEcho(pair.home, 'hello');
    for (let round = 0; round < 3; round++) {
      const stays = await pair.service.publish({ identity: createIdentity(), ports: echo.ports });
      const goes = await pair.service.publish({ identity: createIdentity(), ports: echo.ports });
      await goes.close();
      expect(await ask(pair.client, stays.onion, `round ${round}`)).toBe('hello');
      await stays.close();
    }
  });

  test('closes a circuit that opens more streams than one client needs', async () => {
    await using echo = await startEcho(pair.home, 'hello');
    const publication = await pair.service.publish({
      identity: createIdentity(),
      ports: echo.ports,
    });
    const { onion } = publication;
    const open: Socket[] = [];
    for (let i = 0; i < 64; i++) open.push(await reach(pair.client, onion, 'many'));
    const ended = open.map((socket) => once(socket.on('error', () => undefined).resume(), 'close'));
    const { socks } = pair.client;
    const more = dialOnion({ socks, onion, port: 80, isolation: 'many', deadlineMs: 20_000 });
    await Promise.all([expect(more).rejects.toBeInstanceOf(OnionferryError), ...ended]);
    expect(await ask(pair.client, onion, 'one')).toBe('hello');
    await publication.close();
  });

  test('has proof of work unless it is disabled or another service is added', async () => {
    const list = (): Promise<string> =>
      withControl(pair.service, async (control) =>
        (await control.getConf('HiddenServiceOptions'))
          .map((setting) => setting.join('='))
          .join('\n'),
      );
    await using echo = await startEcho(pair.home, 'hello');
    const plain = await pair.service.publish({
      identity: createIdentity(),
      ports: echo.ports,
      proofOfWork: false,
    });
    expect(await list()).not.toContain('PoW');
    await plain.close();
    const proven = await pair.service.publish({ identity: createIdentity(), ports: echo.ports });
    expect(await list()).toMatch(/PoWDefensesEnabled=1\n\w+PoWQueueRate=5\n\w+PoWQueueBurst=120/);
    // Another program that adds a service takes it away, or clients of this one would crash tor.
    await using guest = await startTor({ dataDir: pair.home, external: portsOf(pair.service) });
    const other = await guest.publish({ identity: createIdentity(), ports: echo.ports });
    expect(await list()).not.toContain('PoW');
    expect(await ask(pair.client, proven.onion, 'proven')).toBe('hello');
    await other.close();
    await proven.close();
  });

  test('leaves no key behind when it is closed, or was never online', async () => {
    const services = async (): Promise<string[]> => {
      const listed = await withControl(pair.service, (c) => c.getConf('HiddenServiceDir'));
      return listed.flatMap(([, value]) => value ?? []);
    };
    await using echo = await startEcho(pair.home, 'hello');
    const identity = createIdentity();
    const publication = await pair.service.publish({ identity, ports: echo.ports });
    const [directory = ''] = await services();
    await access(join(directory, 'hs_ed25519_secret_key'));
    await expect(pair.service.publish({ identity, ports: echo.ports })).rejects.toMatchObject({
      code: 'ERR_IDENTITY_BUSY',
    });
    await publication.close();
    await publication.close();
    expect(await services()).toEqual([]);
    await expect(access(directory)).rejects.toThrow(/ENOENT/);
    await expect(
      pair.service.publish({ identity, ports: echo.ports, deadlineMs: 100 }),
    ).rejects.toMatchObject({
      code: 'ERR_TOR_PUBLISH',
      message: expect.stringMatching(/within 0\.1 seconds/) as string,
    });
    const reason = new Error('enough');
    const signal = AbortSignal.timeout(100);
    await expect(pair.service.publish({ identity, ports: echo.ports, signal })).rejects.toThrow(
      /timeout/,
    );
    const aborted = pair.service.publish({
      identity,
      ports: echo.ports,
      signal: AbortSignal.abort(reason),
    });
    await expect(aborted).rejects.toBe(reason);
    expect(await services()).toEqual([]);
    const left = await withControl(pair.service, (control) =>
      control.getConf('HiddenServiceOptions'),
    );
    expect(left.filter(([, value]) => value !== undefined)).toEqual([]);
  });

  test('leaves the services of others on the same tor as they are', async () => {
    await using echo = await startEcho(pair.home, 'hello');
    const theirs = join(pair.home, 'their service');
    const target = join(pair.home, 'nobody "listens" here');
    await withControl(pair.service, (control) =>
      control.setConf([
        ['HiddenServiceDir', theirs],
        ['HiddenServicePort', `99 unix:"${target.replaceAll('"', '\\"')}"`],
        ['HiddenServiceMaxStreams', '7'],
      ]),
    );
    const listed = (): Promise<string> =>
      withControl(pair.service, async (control) =>
        JSON.stringify(await control.getConf('HiddenServiceOptions')),
      );
    const before = await listed();
    const publication = await pair.service.publish({
      identity: createIdentity(),
      ports: echo.ports,
    });
    expect(await listed()).toContain(before.slice(1, -1));
    await publication.close();
    expect(await listed()).toBe(before);
    await access(join(theirs, 'hostname'));
    await withControl(pair.service, (control) => control.setConf([['HiddenServiceDir']]));
  });

  test('can be added to a running tor, and removed from it', async () => {
    await using echo = await startEcho(pair.home, 'hello');
    const guest = await startTor({ dataDir: pair.home, external: portsOf(pair.service) });
    const own = await pair.service.publish({
      identity: createIdentity(),
      ports: echo.ports,
      proofOfWork: false,
    });
    const publication = await guest.publish({ identity: createIdentity(), ports: echo.ports });
    expect(await ask(pair.client, publication.onion, 'a')).toBe('hello');
    await guest.close();
    expect(await ask(pair.client, own.onion, 'b')).toBe('hello');
    await own.close();
  });
});
