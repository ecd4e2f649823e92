import { describe, expect, test } from 'vitest';
import { ControlConnection } from '../../../src/tor/control/connection.js';
import { parseTorEndpoint } from '../../../src/tor/control/endpoint.js';
import { startControlServer } from './control-server.js';

const silent = (): undefined => undefined;

describe('the control connection', () => {
  test('returns the value of a key, even of several lines', async () => {
    await using server = await startControlServer((command) =>
      command.endsWith('one')
        ? '250-one=a=b c\n250 OK\n'
        : '250+many=\nfirst line\n..second\n.\n250 OK\n',
    );
    const connection = await ControlConnection.connect(server.endpoint);
    expect(await connection.getInfo('one')).toBe('a=b c');
    expect(await connection.getInfo('many')).toBe('first line\n.second');
    connection.close();
  });

  test('sends settings quoted and in order, in one line', async () => {
    await using server = await startControlServer(() => '250 OK\n');
    const connection = await ControlConnection.connect(server.endpoint);
    await connection.setConf([['A', 'x "y" \\z'], ['B'], ['A', '2']]);
    expect(server.commands).toEqual(['setconf A="x \\"y\\" \\\\z" B A="2"']);
    connection.close();
  });

  test('lets no value begin another command', async () => {
    await using server = await startControlServer(() => '250 OK\n');
    const connection = await ControlConnection.connect(server.endpoint);
    await expect(connection.setConf([['A', 'x\r\nSIGNAL HALT']])).rejects.toThrow(/control char/);
    await expect(connection.send('GETINFO x\nSIGNAL HALT')).rejects.toThrow(/one line/);
    expect(server.commands).toEqual([]);
    connection.close();
  });

  test('reads options back as they were set', async () => {
    await using server = await startControlServer(
      () => '250-HiddenServiceDir=/a b\n250-HiddenServicePort="80 unix:\\"/x y\\""\n250 Empty\n',
    );
    const connection = await ControlConnection.connect(server.endpoint);
    expect(await connection.getConf('HiddenServiceOptions')).toEqual([
      ['HiddenServiceDir', '/a b'],
      ['HiddenServicePort', '80 unix:"/x y"'],
      ['Empty'],
    ]);
    connection.close();
  });

  test("reports tor's words when it refuses a command", async () => {
    await using server = await startControlServer(() => '552 Unrecognized key "x"\n');
    const connection = await ControlConnection.connect(server.endpoint);
    await expect(connection.getInfo('x')).rejects.toMatchObject({
      code: 'ERR_TOR_CONTROL',
      message: 'tor refuses GETINFO: 552 Unrecognized key "x"',
    });
    connection.close();
  });

  test('begins a circuit, and closes one that may be gone', async () => {
    const replies: Record<string, string> = {
      'EXTENDCIRCUIT 0': '250 EXTENDED 17\n',
      'CLOSECIRCUIT 17': '250 OK\n',
      'CLOSECIRCUIT 18': '552 Unknown circuit "18"\n',
    };
    await using server = await startControlServer((command) => replies[command] ?? '512 No\n');
    const connection = await ControlConnection.connect(server.endpoint);
    expect(await connection.createCircuit()).toBe('17');
    await connection.closeCircuit('17');
    await connection.closeCircuit('18');
    await expect(connection.closeCircuit('19')).rejects.toThrow('tor refuses CLOSECIRCUIT: 512 No');
    replies['EXTENDCIRCUIT 0'] = '250 OK\n';
    await expect(connection.createCircuit()).rejects.toThrow('tor answers EXTENDCIRCUIT with OK');
    connection.close();
  });

  test('matches many commands at once with their replies', async () => {
    await using server = await startControlServer((command) => {
      const key = command.split(' ')[1] ?? '';
      return `650 CIRC ${key}\n250-${key}=value of ${key}\n250 OK\n`;
    });
    const connection = await ControlConnection.connect(server.endpoint);
    const keys = Array.from({ length: 200 }, (_, i) => `key/${i}`);
    const values = await Promise.all(keys.map((key) => connection.getInfo(key)));
    expect(values).toEqual(keys.map((key) => `value of ${key}`));
    connection.close();
  });

  test('rejects every command in flight, and every later one, when tor hangs up', async () => {
    await using server = await startControlServer((command, socket) => {
      if (command.endsWith('b')) socket.destroy();
      return undefined;
    });
    const connection = await ControlConnection.connect(server.endpoint);
    const replies = ['a', 'b'].map((key) => connection.getInfo(key));
    for (const reply of await Promise.allSettled(replies)) {
      expect(reply).toMatchObject({ status: 'rejected', reason: { code: 'ERR_TOR_CONTROL' } });
    }
    await expect(connection.getInfo('c')).rejects.toMatchObject({ code: 'ERR_TOR_CONTROL' });
    expect((await connection.closed).message).toMatch(/has closed/);
    expect(connection.isClosed).toBe(true);
  });

  test('gives up a command that is not answered', async () => {
    await using server = await startControlServer(silent);
    const connection = await ControlConnection.connect(server.endpoint);
    await expect(connection.getInfo('x', { deadlineMs: 50 })).rejects.toThrow(
      /does not answer GETINFO/,
    );
    connection.close();
  });

  test('continues after a command that was aborted', async () => {
    await using server = await startControlServer((command) =>
      command.endsWith('slow') ? undefined : '250-slow=1\n250 OK\n250-fast=2\n250 OK\n',
    );
    const connection = await ControlConnection.connect(server.endpoint);
    const abort = new AbortController();
    const slow = connection.getInfo('slow', { signal: abort.signal });
    abort.abort(new Error('enough'));
    await expect(slow).rejects.toThrow('enough');
    expect(await connection.getInfo('fast')).toBe('2');
    connection.close();
  });

  test('reports that nobody listens', async () => {
    await expect(
      ControlConnection.connect({ kind: 'unix', path: '/nonexistent/control' }),
    ).rejects.toMatchObject({
      code: 'ERR_TOR_CONTROL',
      message: "cannot reach tor's control port at unix:/nonexistent/control",
    });
  });

  test('asks no more for an event that was refused', async () => {
    // As a filter does that lets only some events through.
    await using server = await startControlServer((command) =>
      command.includes('STATUS_CLIENT') ? '510 Command filtered\n' : '250 OK\n',
    );
    const connection = await ControlConnection.connect(server.endpoint);
    await expect(connection.listen('STATUS_CLIENT', silent)).rejects.toThrow(/510/);
    await connection.listen('HS_DESC', silent);
    expect(server.commands.at(-1)).toBe('SETEVENTS HS_DESC');
    connection.close();
  });

  test('delivers each event to its own listener until that is removed', async () => {
    let say: (line: string) => void = () => undefined;
    await using server = await startControlServer((_command, socket) => {
      say = (line) => void socket.write(line);
      return '250 OK\r\n';
    });
    const connection = await ControlConnection.connect(server.endpoint);
    const heard: string[] = [];
    const first = await connection.listen('HS_DESC', ([line]) => heard.push(`1 ${line}`));
    await connection.listen('STATUS_CLIENT', ([line]) => heard.push(`2 ${line}`));
    expect(server.commands.at(-1)).toBe('SETEVENTS HS_DESC STATUS_CLIENT');
    say('650 HS_DESC a\r\n650 STATUS_CLIENT b\r\n');
    await expect.poll(() => heard).toEqual(['1 a', '2 b']);
    first[Symbol.dispose]();
    say('650 HS_DESC c\r\n650 STATUS_CLIENT d\r\n');
    await expect.poll(() => heard).toEqual(['1 a', '2 b', '2 d']);
    connection.close();
  });
});

describe("the address of one of tor's ports", () => {
  test.each([
    ['9051', { kind: 'tcp', host: '127.0.0.1', port: 9051 }],
    ['localhost:9051', { kind: 'tcp', host: 'localhost', port: 9051 }],
    ['[::1]:9051', { kind: 'tcp', host: '::1', port: 9051 }],
    ['/run/tor/control', { kind: 'unix', path: '/run/tor/control' }],
    ['unix:/run/a b', { kind: 'unix', path: '/run/a b' }],
  ])('reads %s', (text, endpoint) => {
    expect(parseTorEndpoint(text)).toEqual(endpoint);
  });

  test.each([
    '',
    'localhost',
    '0',
    '70000',
    'host:0',
    'unix:',
    'a b:1',
    '::1:9051',
  ])('refuses %j', (text) => {
    expect(() => parseTorEndpoint(text)).toThrow(expect.objectContaining({ code: 'ERR_USAGE' }));
  });
});
