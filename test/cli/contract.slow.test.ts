import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, inject, onTestFinished, test } from 'vitest';
import { type AnsweringTor, startAnsweringTor } from '../api/verbs/answering-tor.js';
import { visit } from '../api/verbs/fixture.js';
import { type Running, startProgram } from '../support/run-program.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

// What other programs read of events and exit codes, field by field. Real programs, but no Tor.

type Told = Readonly<Record<string, unknown>>;

class Program {
  readonly #running: Running;
  #stdout = '';

  constructor(tor: AnsweringTor, home: string, args: readonly string[], secret = '') {
    const { running } = tor.settings;
    const [command = '', ...rest] = args;
    const through = [`--control=${running?.control}`, `--socks=${running?.socks}`];
    const common = ['--json', '--data-dir', home, ...through];
    this.#running = startProgram([command, ...common, ...rest], {
      env: {
        NODE_OPTIONS: `--import=${join(inject('stretched'), 'in-program.mjs')}`,
        ...(secret !== '' && { ONIONFERRY_PASSWORD: secret }),
      },
    });
    this.#running.child.stdout?.on('data', (text: string) => {
      this.#stdout += text;
    });
  }

  /** Each line of stdout is one. */
  get events(): Told[] {
    return this.#stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Told); // as `--json` writes it
  }

  eventsOf(name: string): Told[] {
    return this.events.filter(({ event }) => event === name);
  }

  async tells(name: string): Promise<Told> {
    await this.#running.saw(new RegExp(`^\\{"event":"${name}".*\\}\n`, 'm'));
    const [first = {}] = this.eventsOf(name);
    return first;
  }

  async exits(): Promise<number | null> {
    return (await this.#running.ended).status;
  }

  end(signal: NodeJS.Signals): void {
    this.#running.child.kill(signal);
  }
}

async function ground() {
  const tor = await startAnsweringTor();
  onTestFinished(() => tor[Symbol.asyncDispose]());
  const folder = await temporaryDirectory();
  const at = (...names: string[]): string => join(folder, ...names);
  let homes = 0;
  return {
    at,
    tor,
    start: (args: readonly string[], secret?: string) =>
      new Program(tor, at(`home-${++homes}`), args, secret),
  };
}

const TOR = { event: 'tor', progress: 100, summary: expect.any(String) as string };
const HELLO = 'hello, world';
const HELLO_SHA256 = '09ca7e4eaa6e8ae9c7d261167129184883644d07dfba7cbfbc4c8a2e08360d5b';
const PASSWORD = 'one-one-one-one-one';

test('send --keep and receive tell each step by these events, and end with these codes', async () => {
  const { at, start } = await ground();
  await mkdir(at('album/a'), { recursive: true });
  await writeFile(at('album/a/b.txt'), HELLO);
  await writeFile(at('album/left.log'), 'left');
  const sender = start(['send', '--keep', '--weak-password', at('album')], PASSWORD);
  const online = await sender.tells('online');
  const onion = String(online['onion']);
  expect(onion).toMatch(/^[a-z2-7]{56}\.onion$/);
  const invitation = `http://${onion}/#${PASSWORD}`;
  expect(online).toEqual({
    ...{ event: 'online', onion, url: `http://${onion}/`, user: 'ferry' },
    ...{ password: PASSWORD, invitation },
  });

  const into = ['--out', at('out'), '-o', 'copy', '--only', '*.txt', '--throttle', '1MB/s'];
  const recipient = start(['receive', ...into], invitation);
  expect(await recipient.exits()).toBe(0);
  expect(await readFile(at('out/copy/a/b.txt'), 'utf8')).toBe(HELLO);
  const timed = { circuits: expect.any(Number) as number };
  const entry = { name: 'album', kind: 'folder', files: 2, bytes: 16 };
  expect(recipient.events.filter(({ event }) => event !== 'progress')).toEqual([
    TOR,
    { event: 'peer', state: 'authenticated' },
    {
      ...{ event: 'offer', kind: 'files', names: ['album'], entries: [entry] },
      ...{ files: 2, bytes: 16, wanted: { files: 1, bytes: 12 } },
    },
    { event: 'arrived', path: 'album/a/b.txt', bytes: 12 },
    { event: 'file', path: 'copy/a/b.txt', bytes: 12, sha256: HELLO_SHA256 },
    { event: 'done', bytes: 12, files: 1, seconds: expect.any(Number) as number, ...timed },
  ]);
  expect(recipient.eventsOf('progress').at(-1)).toEqual({
    ...{ event: 'progress', bytes: 12, total: 12, rate: expect.any(Number) as number, ...timed },
    ...{ file: 'album/a/b.txt', fileNumber: 1, files: 2 },
  });

  const guesser = start(['receive', onion, '--out', at('out')], 'one-one-one-two-one');
  expect(await guesser.exits()).toBe(3);
  expect(guesser.events).toEqual([
    TOR,
    { event: 'error', code: 'ERR_PASSWORD', message: expect.any(String) as string },
  ]);
  sender.end('SIGTERM');
  expect(await sender.exits()).toBe(0);
  expect(sender.events.filter(({ event }) => event === 'peer')).toEqual([
    { event: 'peer', state: 'joined' },
    { event: 'peer', state: 'authenticated', recipient: 1 },
    { event: 'peer', state: 'joined' },
    { event: 'peer', state: 'rejected' },
  ]);
  expect(sender.eventsOf('done')).toMatchObject([{ bytes: 12, files: 1, recipient: 1 }]);
});

test('send -t sends a text, and receive tells it', async () => {
  const { start } = await ground();
  const sender = start(['send', '-t', 'dear all']);
  const recipient = start(['receive'], String((await sender.tells('online'))['invitation']));
  expect([await recipient.exits(), await sender.exits()]).toEqual([0, 0]);
  const offer = { event: 'offer', kind: 'text', names: ['text'], files: 1, bytes: 8 };
  expect(recipient.eventsOf('offer')).toEqual([offer]);
  expect(recipient.eventsOf('text')).toEqual([{ event: 'text', text: 'dear all' }]);
});

test('an offer that nobody has taken ends with 5', async () => {
  const { at, start } = await ground();
  await writeFile(at('note'), 'x');
  const sender = start(['send', '--expires', '1s', at('note')]);
  expect(await sender.exits()).toBe(5);
  expect(sender.eventsOf('error')).toMatchObject([{ code: 'ERR_TIMEOUT' }]);
});

test('share tells of wrong passwords and of visitors, and ends politely with 0', async () => {
  const { at, start, tor } = await ground();
  await writeFile(at('note'), HELLO);
  const sharing = start(['share', '-u', 'friend', at('note')]);
  const online = await sharing.tells('online');
  const login = { onion: String(online['onion']), user: 'friend' };
  const password = String(online['password']);
  expect(online).toMatchObject({ user: 'friend', url: `http://${login.onion}/` });
  expect((await visit(tor, { ...login, password: 'wrong' }, '/')).status).toBe(401);
  expect(await sharing.tells('refused')).toEqual({ event: 'refused', attempts: 1, total: 1 });
  const page = await visit(tor, { ...login, password }, '/');
  expect(await page.text()).toContain('note');
  expect(await sharing.tells('visit')).toEqual({ event: 'visit', visitors: 1 });
  sharing.end('SIGTERM');
  expect(await sharing.exits()).toBe(0);
});
