import { describe, expect, test } from 'vitest';
import { silentLogger } from '../../../src/base/logger.js';
import { ControlConnection } from '../../../src/tor/control/connection.js';
import { type ListedService, ServiceList } from '../../../src/tor/service/service-list.js';
import { type ControlServer, startControlServer } from '../control/control-server.js';

const ours: ListedService = {
  directory: '/ours',
  ports: [],
  proofOfWork: false,
  streamsPerCircuit: 1,
};

interface FakeTor {
  /** Directories of services, in order. */
  directories: string[];
  /** Refusals of the lock that are still to come. */
  takenFor: number;
  /** What else happens when the list is set. */
  onSet: () => void;
}

/** Keeps a list of services and the lock, as tor does. */
function startFakeTor(tor: FakeTor): Promise<ControlServer> {
  return startControlServer((command) => {
    const [name, rest = ''] = command.split(/ (.*)/);
    switch (name) {
      case 'add_onion':
        if (tor.takenFor-- > 0) return '550 Onion address collision\n';
        return '250-ServiceID=x\n250 OK\n';
      case 'getinfo':
        return '250-process/pid=7\n250 OK\n';
      case 'getconf': {
        const lines = tor.directories.map((path) => `HiddenServiceDir=${path}`);
        if (rest === 'DataDirectory' || lines.length === 0) return `250 ${rest}\n`;
        return lines.map((line, i) => `250${i === lines.length - 1 ? ' ' : '-'}${line}\n`).join('');
      }
      case 'setconf':
        tor.directories = [...rest.matchAll(/HiddenServiceDir="([^"]*)"/g)].map(([, p = '']) => p);
        tor.onSet();
        return '250 OK\n';
      default:
        return '250 OK\n';
    }
  });
}

function named(server: ControlServer, name: string): number {
  return server.commands.filter((command) => command.startsWith(name)).length;
}

describe('the list of services', () => {
  test('is changed once the lock is free, which is released again', async () => {
    const tor = { directories: ['/a', '/b'], takenFor: 2, onSet: (): void => undefined };
    await using server = await startFakeTor(tor);
    const connection = await ControlConnection.connect(server.endpoint);
    const list = new ServiceList(connection, silentLogger);
    await list.add(ours);
    expect(tor.directories).toEqual(['/a', '/b', '/ours']);
    expect([named(server, 'add_onion'), named(server, 'del_onion')]).toEqual([3, 1]);
    await list.remove(ours);
    expect(tor.directories).toEqual(['/a', '/b']);
    connection.close();
  });

  test('is written again if somebody without the lock changes it at the same time', async () => {
    const tor = { directories: ['/a'], takenFor: 0, onSet: (): void => undefined };
    let interferences = 0;
    tor.onSet = () => {
      if (interferences++ < 2) tor.directories = ['/a', `/theirs${String(interferences)}`];
    };
    await using server = await startFakeTor(tor);
    const connection = await ControlConnection.connect(server.endpoint);
    await new ServiceList(connection, silentLogger).add(ours);
    expect(tor.directories).toEqual(['/a', '/theirs2', '/ours']);
    connection.close();
  });

  test('is left alone when there is nothing to remove, or the wait is aborted', async () => {
    const tor = { directories: ['/a'], takenFor: 1_000, onSet: (): void => undefined };
    await using server = await startFakeTor(tor);
    const connection = await ControlConnection.connect(server.endpoint);
    const list = new ServiceList(connection, silentLogger);
    const reason = new Error('enough');
    const abort = new AbortController();
    const adding = list.add(ours, abort.signal);
    setTimeout(() => {
      abort.abort(reason);
      tor.takenFor = 0;
    }, 50);
    await expect(adding).rejects.toBe(reason);
    await list.remove(ours);
    expect(named(server, 'setconf')).toBe(0);
    connection.close();
  });
});
