import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runHere, transcriptHere } from '../support/run-here.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

const HINT = '! onionferry: hint: for usage, add --help';

test.each([
  [['key'], 'a command is missing'],
  [['snd'], 'unknown command; did you mean send?'],
  [['launch'], 'unknown command'],
  [['holiday.jpg', 'send'], 'the command comes first, as in onionferry send PATH'],
  [['receive', '-o'], '-o needs a value'],
  [['send'], 'PATH is missing; name a file or folder to send'],
  [['send', '--quite'], 'unknown option --quite; did you mean --quiet?'],
  [['send', 'a', '--relay'], '--relay needs a value'],
  [['send', 'a', '-'], '- is standard input, which must be the only PATH'],
  [['send', 'a', '--text', 'b'], '--text sends only a text; leave out PATH'],
  [['send', 'a', '--expires', 'soon'], '--expires takes a time such as 90s, 30m, 2h or 1d'],
  [['send', 'a', '--expires', '30'], '--expires takes a time such as 90s, 30m, 2h or 1d'],
  [['send', 'a', '--expires', '25d'], 'the expiry must be at most 24 days'],
  [['--circuits', '0', 'send', 'a'], '--circuits takes a whole number from 1 to 32'],
  [['send', 'a', '--circuits', '1.5'], '--circuits takes a whole number from 1 to 32'],
  [['send', 'a', '--curve', 'x'], '--curve takes one of p256, p384, p521, ed25519, siec'],
  [['receive', 'a', 'b'], 'too many arguments'],
  [['receive', '--on-conflict', 'ask'], '--on-conflict takes one of rename, overwrite, skip, fail'],
  [
    ['receive', '--stdout', '--out', 'x'],
    '--stdout writes no files; leave out --out, -o and --on-conflict',
  ],
  [
    ['send', 'a', '--verify'],
    '--verify asks whether two phrases are the same; run it in a terminal',
  ],
  [['receive', '--verify'], '--verify asks whether two phrases are the same; run it in a terminal'],
  [['send', '--resume', '--verify'], '--resume takes no PATH and no other options of send'],
  [['receive', '-o', 'letters/'], '-o takes a name; for a folder, use --out'],
  [['receive', '-o', 'a/b', '--out', 'c'], 'with --out, -o takes a name without a folder'],
  [
    ['receive', '-o', '..'],
    'the name for what is received must be that of a file, without a folder',
  ],
  [['send', 'a', '-t', 'b'], '--message sends only a text; leave out PATH'],
  [['send', '--text', 'a', '-t', 'b'], 'use either --text or --message, not both'],
  [['send', 'a', '--throttle', 'slow'], '--throttle takes a rate such as 500kB/s or 2MB/s'],
  [['receive', '--throttle', '1kB/s'], 'the rate must be at least 10kB a second'],
  [['help', 'nothing'], 'there is no such command; see onionferry help'],
  [
    ['receive', 'x'],
    'that is not an onion address, which has 56 letters and digits and ends in .onion',
  ],
  [['receive', '--ephemeral', '--name', 'a'], 'use either --ephemeral or --name, not both'],
  [['relay', '--control', '9051'], 'a running tor needs both --control and --socks'],
  [['relay', '--bridges', '/nonexistent'], 'cannot read bridges from /nonexistent'],
  [['relay', '--firewall', '80,x'], '--firewall takes a whole number from 1 to 65535'],
  [
    ['relay', '--proxy', 'proxy:3128'],
    'a proxy is given as http://host:port, socks5://host:port or socks4://host:port',
  ],
  [['relay', '--front', 'x'], '--front is for relays that share a store; use --store as well'],
  [
    ['relay', '--store', 'redis.sock'],
    'this is no location of a store: it is /path, unix:/path, redis://host:port or rediss://host:port',
  ],
  [
    ['relay', '--store', '/run/redis.sock', '--front', 'x'],
    'the onion address is not valid: it should be 56 letters and digits 2 to 7, then .onion',
  ],
  [['relay', '--torrc', '/nonexistent'], 'cannot read torrc lines from /nonexistent'],
  [['key', 'import'], 'FILE is missing'],
  [['share'], 'PATH is missing; name a file or folder to share'],
  [['share', 'a', '-p', 'secret'], 'unknown option -p'],
  [['share', 'a', '-u', 'a:b'], 'the user name must be 1 to 64 characters without a colon'],
  [['share', 'a', '-u', ''], 'the user name must be 1 to 64 characters without a colon'],
  [['share', 'a', '--limit', '0'], '--limit takes a whole number from 1 to 1000000'],
  [['share', '-d', 'a', '--expires', '25d'], 'the expiry must be at most 24 days'],
  [['inbox'], 'DIR is missing'],
  [['site'], 'DIR is missing'],
  [['site', 'a', '--csp', 'default-src\n*'], 'the policy must be one line of plain text'],
  [['inbox', 'a', '--max-file', 'big'], '--max-file takes a size such as 500kB, 64MB or 1GiB'],
  [['inbox', 'a', '--accept', 'a', '--refuse', 'b'], 'use either --accept or --refuse, not both'],
  [
    ['inbox', 'a', '--accept', 'jpg,,pdf'],
    'kinds of files must be ends of names, such as pdf or tar.gz',
  ],
  [['send', ''], 'PATH must not be empty'],
  [['send', 'a', ''], 'PATH must not be empty'],
  [['send', '--text', ''], '--text must not be empty'],
  [['share', ''], 'PATH must not be empty'],
  [['share', '-d', ''], '--dir must not be empty'],
  [['receive', '--only', ''], 'a pattern must not be empty'],
  [['share', 'a', '--exclude', ' '], 'a pattern must not be empty'],
  [['send', '--resume', '--git-ignore'], '--resume takes no PATH and no other options of send'],
  [['site', ''], 'DIR must not be empty'],
  [['inbox', ''], 'DIR must not be empty'],
  [['open', 'a'], 'too many arguments'],
  [['open', '--name', 'a'], 'open gives everything an address of its own; leave out --name'],
  [['receive', '--out', ''], '--out must not be empty'],
  [['--data-dir', '', 'send', 'a'], '--data-dir must not be empty'],
  [['send', 'a', '--password-file', ''], '--password-file must not be empty'],
  [['send', 'a', '--torrc', ''], '--torrc must not be empty'],
  [['send', 'a', '--tor', ''], '--tor must not be empty'],
  [['key', 'import', ''], 'FILE must not be empty'],
  [['key', 'export', '--out', ''], '--out must not be empty'],
  [['demo', '--size', 'big'], '--size takes a size such as 500kB, 64MB or 1GiB'],
])('%j is refused: %s', async (args, sentence) => {
  expect(await transcriptHere(args)).toBe(`! onionferry: error: ${sentence}\n${HINT}\nexit 2`);
});

test('standard output cannot be both a file and JSON', async () => {
  const { status, stdout } = await runHere(['receive', '--stdout', '--json']);
  expect(JSON.parse(stdout)).toMatchObject({
    code: 'ERR_USAGE',
    message: 'use either --json or --stdout, not both',
  });
  expect(status).toBe(2);
});

test('--json behind -- is a name, not an option', async () => {
  const { stdout } = await runHere(['key', 'import', '--', '--json']);
  expect(stdout).toBe('');
});

test('global options stand before or after the name of a command', async () => {
  const home = await temporaryDirectory();
  const before = await runHere(['--data-dir', home, '--json', 'key', 'new']);
  const after = await runHere(['key', 'show', '--json', '--data-dir', home]);
  const between = await runHere(['key', '--data-dir', home, 'show', '--json']);
  expect(before.status).toBe(0);
  expect(after.stdout).toBe(before.stdout);
  expect(between.stdout).toBe(before.stdout);
});

test.each([
  ['send'],
  ['receive'],
  ['share'],
  ['inbox'],
  ['site'],
  ['open'],
  ['relay'],
  ['key'],
  ['tor'],
  ['demo'],
])('the help of %s goes to stdout, with examples and where the global options are', async (command) => {
  const { status, stdout, stderr } = await runHere([command, '--help']);
  expect(stdout).toContain(`Usage: onionferry ${command}`);
  expect(stdout).toContain('examples:\n  ');
  expect(stdout).toMatch(/--data-dir|\nglobal options: onionferry --help\n/);
  expect(stderr).toBe('');
  expect(status).toBe(0);
});

test.each([
  ['key', 'show'],
  ['tor', 'doctor'],
])('the help of %s leaves the global options to that of its commands', async (group, command) => {
  const { stdout } = await runHere([group, '--help']);
  expect(stdout).not.toContain('--data-dir');
  expect(stdout).toContain('global options: onionferry --help');
  expect((await runHere([group, command, '--help'])).stdout).toContain('--data-dir');
});

test('the help of the program names the commands that there are, and no others', async () => {
  const { stdout } = await runHere(['--help']);
  const commands = /\nCommands:\n([^]*?)\n\n/.exec(stdout)?.[1]?.matchAll(/^ {2}(\w+)/gm) ?? [];
  expect([...commands].map((match) => match[1])).toEqual([
    'send',
    'receive',
    'share',
    'inbox',
    'site',
    'open',
    'relay',
    'run',
    'key',
    'tor',
    'demo',
    'config',
    'completion',
    'help',
    'version',
  ]);
});

test('help does what --help does', async () => {
  for (const words of [[], ['send'], ['key', 'new']]) {
    const { status, stdout } = await runHere(['help', ...words]);
    expect(stdout).toBe((await runHere([...words, '--help'])).stdout);
    expect(status).toBe(0);
  }
});

test('no arguments at all are answered with what to try first', async () => {
  const { status, stdout, stderr } = await runHere([]);
  expect(stdout).toContain('onionferry send FILE...');
  expect(stdout.split('\n').length).toBeLessThan(12);
  expect(stderr).toBe('');
  expect(status).toBe(0);
});

test('the version is what people try', async () => {
  const { stdout } = await runHere(['version']);
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  for (const flag of ['-V', '--version']) expect((await runHere([flag])).stdout).toBe(stdout);
});

test.each(['-q', '-qv', '-vq'])('%s is quiet', async (flag) => {
  const args = ['key', 'show', '--data-dir', await temporaryDirectory()];
  await runHere(['key', 'new', ...args.slice(2)]);
  expect((await runHere([...args, flag])).stdout).toMatch(/^\w{56}\.onion\n$/);
});

test('a file cannot be an inbox', async () => {
  const home = await temporaryDirectory();
  const file = join(home, 'file');
  await writeFile(file, '');
  expect(await transcriptHere(['inbox', file, '--data-dir', home])).toBe(
    `! onionferry: error: cannot write ${file}: it is not a folder\nexit 1`,
  );
});
