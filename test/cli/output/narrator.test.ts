import { expect, test } from 'vitest';
import type { FerryEvent } from '../../../src/api/events.js';
import type { Scene } from '../../../src/cli/output/narrator.js';
import { INVITATION, ONION, ONLINE, PASSWORD, RECEIVED, SENT } from './stories.js';
import { tell } from './tell.js';

test('a sender on a terminal is told what to do on the other side, and how it goes', () => {
  const { stdout, stderr } = tell(SENT, { verb: 'send' }, { out: true, err: true });
  expect(stdout.text).toBe(`${INVITATION}\n`);
  expect(
    stderr.shown,
  ).toBe(`with onionferry: run this on the other machine, and paste the invitation below

  onionferry receive


with Tor Browser: open this, and log in with this user name and password

  http://${ONION}/

  user      ferry
  password  ${PASSWORD}

a recipient has connected
a recipient with a wrong password was refused
the recipient knows the password
sent 3 files, 2.0 MB in 8.0s (250 kB/s)
`);
  expect(stderr.text).toContain('tor 45%, loading relay descriptors');
  expect(stderr.text).toContain('25%, 500 kB of 2.0 MB, 250 kB/s, 6.0s left, 8 circuits');
  expect(stderr.text).toContain('█████');
});

test('a sender on a relay of others says which password opens what in Tor Browser', () => {
  const invitation = `${INVITATION};relay=of-the-relay`;
  const { stderr } = tell([{ ...ONLINE, invitation }], { verb: 'send' }, { err: true });
  expect(stderr.shown).toContain(`log in with the relay's password, then the other

  http://${ONION}/

  user      ferry
  relay     of-the-relay
  password  ${PASSWORD}
`);
});

test('a link for Tor Browser is printed on request, for people alone', () => {
  const link = `http://ferry:acid-acorn@${ONION}/#${PASSWORD}`;
  const { stdout, stderr } = tell([{ ...ONLINE, link }], { verb: 'send' }, { err: true });
  expect(stderr.shown).toContain(`which needs JavaScript and holds the password\n\n${link}\n`);
  expect(stdout.text).toBe(`${INVITATION}\n`);
});

test('a pipe gets the invitation alone, and a log on stderr no secret at all', () => {
  const { stdout, stderr } = tell(SENT, { verb: 'send', qrCode: true });
  expect(stdout.text).toBe(`${INVITATION}\n`);
  expect(stderr.text).toBe(`tor 45%, loading relay descriptors
waiting for the recipient
a recipient has connected
a recipient with a wrong password was refused
the recipient knows the password
25%, 500 kB of 2.0 MB, 250 kB/s, 6.0s left, 8 circuits
sent 3 files, 2.0 MB in 8.0s (250 kB/s)
`);
});

test('--quiet prints the invitation and nothing else', () => {
  const { stdout, stderr } = tell(
    SENT,
    { verb: 'send', qrCode: true },
    { out: true, err: true, quiet: true },
  );
  expect(stdout.text).toBe(`${INVITATION}\n`);
  expect(stderr.text).toBe('');
});

test('--json writes every event as it is, one a line, and nothing to stderr', () => {
  const { stdout, stderr } = tell(SENT, { verb: 'send', qrCode: true }, { err: true, json: true });
  const lines = stdout.text.trimEnd().split('\n');
  expect(lines.map((line): unknown => JSON.parse(line))).toEqual(SENT);
  expect(stderr.text).toBe('');
});

test('--json escapes what a terminal would obey', () => {
  const { stdout } = tell(RECEIVED, { verb: 'receive' }, { json: true });
  expect(stdout.text).toContain('"\\u001b[31mred"');
});

test('a QR code is shown on a terminal that is wide enough', () => {
  const scene: Scene = { verb: 'send', qrCode: true };
  expect(tell([ONLINE], scene, { err: true }).stderr.text).toContain('▄▄▄▄▄');
  expect(tell([ONLINE], scene, { err: true, columns: 40 }).stderr.text).not.toContain('▄▄▄▄▄');
  expect(tell([ONLINE], { verb: 'send' }, { err: true }).stderr.text).not.toContain('▄▄▄▄▄');
});

test('a QR code has colours of its own, unless the terminal has none or too few rows', () => {
  const scene: Scene = { verb: 'send', qrCode: true };
  const { text } = tell([ONLINE], scene, { err: true }).stderr;
  const code = text.split('\n').filter((line) => line.startsWith('\u001b[38;5;231;48;5;16m'));
  expect(code.length).toBeGreaterThan(15);
  expect(code.every((line) => line.endsWith('\u001b[0m'))).toBe(true);
});

test('a recipient learns where things went, by names that cannot harm a terminal', () => {
  const { stderr } = tell(RECEIVED, { verb: 'receive', directory: 'out/' });
  expect(stderr.text).toBe(`the sender knows the password
the sender offers 2 files, 12 B:
  a.txt
  \\u{1b}[31mred
received 3 files, 12 B in 0.5s (24 B/s)
  out/a (1).txt
  out/red
`);
});

const PAGES: readonly FerryEvent[] = [
  { event: 'tor', progress: 100, summary: 'Done' },
  { ...ONLINE, invitation: `http://ferry:${PASSWORD}@${ONION}/` },
  { event: 'progress', bytes: 500_000, total: null, rate: 250_000, circuits: 1 },
  { event: 'file', path: 'a/\u001b[31mred', bytes: 2_000_000 },
  { event: 'done', bytes: 2_000_000, files: 1, seconds: 8, circuits: 1 },
];

test('a share on a terminal says where it is, who may come, and what was taken', () => {
  const { stdout, stderr } = tell(PAGES, { verb: 'share', qrCode: true }, { out: true, err: true });
  expect(stdout.text).toBe(
    `  address   http://${ONION}/\n  user      ferry\n  password  ${PASSWORD}\n`,
  );
  expect(stderr.text).toContain('▄▄▄▄▄');
  expect(stderr.shown).toContain(
    'to download, open this in Tor Browser, with this user name and password:\n',
  );
  expect(stderr.text).toContain('500 kB, 250 kB/s');
  expect(stderr.shown).toContain('delivered a/\\u{1b}[31mred, 2.0 MB\n');
  expect(stderr.shown).toContain('sent 1 file, 2.0 MB in 8.0s (250 kB/s)\n');
});

test('an inbox whose output is piped gives address, user and password alone', () => {
  const { stdout, stderr } = tell(PAGES, { verb: 'inbox', qrCode: true });
  expect(stdout.text).toBe(`http://${ONION}/\nferry\n${PASSWORD}\n`);
  expect(stderr.text).not.toContain(PASSWORD);
  expect(stderr.text).not.toContain('connecting to the sender');
  expect(stderr.text).toContain('received a/\\u{1b}[31mred, 2.0 MB\n');
  expect(stderr.text).toContain('received 1 file, 2.0 MB in 8.0s (250 kB/s)\n');
});

test('an offer that the question will show is not told twice', () => {
  const { stderr } = tell(RECEIVED.slice(1, 2), { verb: 'receive', asks: true });
  expect(stderr.text).toBe('');
});

test('a text goes to a pipe as it is, and to a terminal without anything that it would obey', () => {
  const events: FerryEvent[] = [{ event: 'text', text: 'one\n\u001b[2Jtwo' }];
  expect(tell(events, { verb: 'receive' }).stdout.text).toBe('one\n\u001b[2Jtwo');
  const { stdout } = tell(events, { verb: 'receive' }, { out: true });
  expect(stdout.text).toBe('one\n\\u{1b}[2Jtwo\n');
  expect(tell(events, { verb: 'receive' }, { quiet: true }).stdout.text).toContain('two');
});

test('a relay prints address and password, in two lines for programs', () => {
  expect(tell([ONLINE], { verb: 'relay' }).stdout.text).toBe(`${ONION}\n${PASSWORD}\n`);
  expect(tell([ONLINE], { verb: 'relay' }).stderr.text).not.toContain(PASSWORD);
  expect(tell([ONLINE], { verb: 'relay' }, { out: true }).stdout.text).toBe(
    `  address   ${ONION}\n  password  ${PASSWORD}\n`,
  );
});

test('a long list of names is cut', () => {
  const names = Array.from({ length: 14 }, (_, index) => `file-${index}`);
  const offer: FerryEvent = { event: 'offer', kind: 'files', names, files: 14, bytes: null };
  const lines = tell([offer], { verb: 'receive' }).stderr.text.trimEnd().split('\n');
  expect(lines[0]).toBe('the sender offers 14 files, size unknown:');
  expect(lines).toHaveLength(12);
  expect(lines[11]).toBe('  and 4 more');
});

test('an offer says how large each file is, and what is in each folder', () => {
  const offer: FerryEvent = {
    event: 'offer',
    kind: 'files',
    names: ['a.pdf', 'letters', 'none', 'latest', 'pipe'],
    entries: [
      { name: 'a.pdf', kind: 'file', files: 1, bytes: 1_500_000 },
      { name: 'letters', kind: 'folder', files: 12, bytes: 34_000 },
      { name: 'none', kind: 'folder', files: 0, bytes: 0 },
      { name: 'latest', kind: 'link', files: 0, bytes: 0 },
      { name: 'pipe', kind: 'file', files: 1, bytes: null },
    ],
    files: 14,
    bytes: null,
  };
  const lines = tell([offer], { verb: 'receive' }).stderr.text.trimEnd().split('\n');
  expect(lines.slice(1)).toEqual([
    '  a.pdf, 1.5 MB',
    '  letters/, 12 files, 34.0 kB',
    '  none/, empty',
    '  latest, a link',
    '  pipe, size unknown',
  ]);
});

test('with --only, an offer says how much of it will be fetched', () => {
  const wanted = { files: 2, bytes: 1500 };
  const offer: FerryEvent = {
    event: 'offer',
    kind: 'files',
    names: ['d'],
    files: 9,
    bytes: 8e6,
    wanted,
  };
  const lines = tell([offer], { verb: 'receive' }).stderr.text.trimEnd().split('\n');
  expect(lines.at(-1)).toBe('of these, 2 files, 1.5 kB, will be fetched');
});

const DEMO: readonly FerryEvent[] = [
  { event: 'waiting', reason: 'starting a private Tor network on this machine' },
  { event: 'waiting', reason: "starting the sender's tor" },
  { event: 'tor', progress: 0, summary: 'Starting' },
  { event: 'tor', progress: 100, summary: 'Done' },
  ONLINE,
  { event: 'waiting', reason: "starting the recipient's tor" },
  { event: 'tor', progress: 0, summary: 'Starting' },
  { event: 'tor', progress: 100, summary: 'Done' },
  { event: 'peer', state: 'joined' },
  { event: 'peer', state: 'authenticated' },
  { event: 'progress', bytes: 12, total: 12, rate: 24, circuits: 1 },
  { event: 'done', bytes: 12, files: 1, seconds: 0.5, circuits: 1 },
];

test('the demonstration is one story, each line of which says whose it is', () => {
  const { stdout, stderr } = tell(DEMO, { verb: 'demo' });
  expect(stdout.text).toBe(`  address   ${ONION}\n  password  ${PASSWORD}\n`);
  expect(stderr.text).toBe(`starting a private Tor network on this machine
starting the sender's tor
the sender's tor is connected to the private Tor network
publishing the address of the sender
the sender is waiting at this address, with this password:
starting the recipient's tor
the recipient's tor is connected to the private Tor network
the recipient is connecting to the address
the recipient has connected to the sender
both sides have proved that they know the password
100%, 12 B of 12 B, 24 B/s
received 1 file, 12 B in 0.5s (24 B/s)
`);
  expect(
    tell(DEMO, { verb: 'demo' }, { err: true }).stderr.shown,
  ).toBe(`the sender's tor is connected to the private Tor network
the sender is waiting at this address, with this password:
the recipient's tor is connected to the private Tor network
the recipient has connected to the sender
both sides have proved that they know the password
received 1 file, 12 B in 0.5s (24 B/s)
`);
});

test('what is no terminal hears of progress rarely', () => {
  const events = Array.from({ length: 50 }, (_, index): FerryEvent => {
    return { event: 'progress', bytes: index, total: 50, rate: 1, circuits: 1 };
  });
  expect(tell(events, { verb: 'send' }).stderr.text).toBe('0%, 0 B of 50 B, 1 B/s, 50s left\n');
});

test('a transfer of nothing, and one of unknown size, show no impossible numbers', () => {
  const nothing = tell(
    [{ event: 'progress', bytes: 0, total: 0, rate: 0, circuits: 1 }],
    { verb: 'send' },
    { err: true },
  );
  expect(nothing.stderr.text).toContain('100%, 0 B of 0 B, 0 B/s');
  const unknown = tell(
    [{ event: 'progress', bytes: 5000, total: null, rate: 10, circuits: 1 }],
    { verb: 'send' },
    { err: true },
  );
  expect(unknown.stderr.text).toContain('5.0 kB, 10 B/s');
  expect(nothing.stderr.text + unknown.stderr.text).not.toMatch(/NaN|Infinity|undefined/);
});

test('a sender that continues after a recipient has failed says that it waits', () => {
  const failed: readonly FerryEvent[] = [
    ONLINE,
    { event: 'peer', state: 'joined' },
    { event: 'peer', state: 'authenticated' },
    { event: 'progress', bytes: 5, total: 20, rate: 5, circuits: 1 },
    { event: 'peer', state: 'left' },
    { event: 'warning', message: 'the recipient could not write the files' },
  ];
  const { stderr } = tell(failed, { verb: 'send', keep: true }, { err: true });
  expect(stderr.text).toMatch(
    /warning: the recipient could not write the files\n[^\n]*waiting for the recipient/,
  );
});

test('a flood of refused recipients is told of, but not one by one', () => {
  const flood = Array.from({ length: 100 }, (): FerryEvent[] => [
    { event: 'peer', state: 'joined' },
    { event: 'peer', state: 'rejected' },
  ]);
  const { stderr } = tell(flood.flat(), { verb: 'send' }, { err: true });
  expect(stderr.text.match(/a recipient with a wrong password was refused/g)).toHaveLength(9);
  expect(stderr.text.match(/the rest are not listed/g)).toHaveLength(1);
  const after: FerryEvent[] = [...flood.flat(), { event: 'peer', state: 'authenticated' }];
  expect(tell(after, { verb: 'send' }, { err: true }).stderr.text).toContain('knows the password');
});

test('a sender that serves several says which recipient it speaks of', () => {
  const events: FerryEvent[] = [
    ONLINE,
    { event: 'peer', state: 'joined' },
    { event: 'peer', state: 'authenticated', recipient: 1 },
    { event: 'progress', bytes: 1_000_000, total: 2_000_000, rate: 0, circuits: 1, recipient: 1 },
    { event: 'peer', state: 'authenticated', recipient: 2 },
    { event: 'progress', bytes: 500_000, total: 2_000_000, rate: 0, circuits: 1, recipient: 2 },
    { event: 'waiting', reason: 'the recipient is away', recipient: 1 },
    { event: 'done', bytes: 2_000_000, files: 3, seconds: 8, circuits: 8, recipient: 2 },
    { event: 'peer', state: 'left', recipient: 1 },
    { event: 'warning', message: 'the recipient declined the offer', recipient: 1 },
  ];
  const scene: Scene = { verb: 'send', keep: true };
  const { stderr } = tell(events, scene, { out: true, err: true });
  expect(stderr.shown).toContain(`a recipient has connected
recipient 1 knows the password
recipient 2 knows the password
recipient 2: sent 3 files, 2.0 MB in 8.0s (250 kB/s)
recipient 1 has disconnected
warning: recipient 1: the recipient declined the offer
`);
  const log = tell(events, scene, { out: false, err: false }).stderr.text;
  expect(log).toContain('recipient 1: 50%, 1.0 MB of 2.0 MB, 0 B/s\n');
  expect(log).toContain('recipient 2: 25%, 500 kB of 2.0 MB, 0 B/s\n');
  expect(log).toContain('recipient 1: the recipient is away\n');
});
