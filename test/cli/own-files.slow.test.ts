import { chmod, lstat, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type RunOptions, runProgram, transcript } from '../support/run-program.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

// What works with files of the user alone, by the program as it is published: no Tor, no network.

const KEY = /^[a-z2-7]{56}:descriptor:x25519:[a-z2-7]{52}\n$/;
const USAGE = '! onionferry: hint: for usage, add --help\nexit 2';

/** `onionferry` with a data directory that does not exist yet. */
async function place() {
  const home = join(await temporaryDirectory(), 'made', 'by', 'it');
  const env = { ONIONFERRY_HOME: home };
  return {
    /** Where everything that is written goes */
    home,
    run: (line: string, more: RunOptions = {}) => runProgram(line.split(' '), { env, ...more }),
    say: (line: string, more: RunOptions = {}) => transcript(line.split(' '), { env, ...more }),
  };
}

async function modesBelow(folder: string): Promise<Record<string, string>> {
  const modes: Record<string, string> = {};
  for (const name of ['', ...(await readdir(folder, { recursive: true }))]) {
    modes[name] = ((await lstat(join(folder, name))).mode & 0o777).toString(8);
  }
  return modes;
}

describe('config', () => {
  test('sets, shows and forgets options in a file that only its owner can read', async () => {
    const { home, run, say } = await place();
    expect(await say('config path')).toBe(`${join(home, 'config')}\nexit 0`);
    expect(await say('config show --json')).toBe(
      `{"event":"config","path":"${join(home, 'config')}","settings":[]}\nexit 0`,
    );
    await expect(lstat(home)).rejects.toThrow('ENOENT');
    expect(await say('config set send.throttle 2MB/s')).toBe('exit 0');
    expect(await say('config set no-qr')).toBe('exit 0');
    expect(await run('config show')).toMatchObject({
      stdout: 'send.throttle 2MB/s\nno-qr yes\n',
      stderr: '',
    });
    expect(await say('config unset no-qr')).toBe('exit 0');
    expect(await modesBelow(home)).toEqual({ '': '700', config: '600' });
    expect(await readFile(join(home, 'config'), 'utf8')).toBe('send.throttle 2MB/s\n');
  });

  test.each([
    ['config set throtle 1MB/s', 'there is no option throtle'],
    ['config set send.limit 3', 'there is no option limit of send'],
    ['config set name', 'VALUE is missing: name is no switch'],
    ['config set no-qr perhaps', 'no-qr is either yes or no'],
    ['config set', 'OPTION is missing'],
    ['config show extra', 'too many arguments'],
    ['config sho', 'unknown command; did you mean show?'],
    ['config', 'a command is missing'],
  ])('%s is refused, and nothing is written', async (line, sentence) => {
    const { home, say } = await place();
    expect(await say(line)).toBe(`! onionferry: error: ${sentence}\n${USAGE}`);
    await expect(lstat(home)).rejects.toThrow('ENOENT');
  });

  test('a file that is broken is named with its line, and one that is a folder cannot be read', async () => {
    const { home, say } = await place();
    await mkdir(home, { recursive: true });
    const path = join(home, 'config');
    await writeFile(path, 'no-qr yes\n\0\0\n');
    expect(await say('config show')).toBe(
      `! onionferry: error: ${path}, line 2: not an option and its value\n${USAGE}`,
    );
    const { say: elsewhere } = await place();
    const folder = join(home, 'other');
    await mkdir(join(folder, 'config'), { recursive: true });
    expect(await elsewhere(`config show --data-dir ${folder}`)).toContain(
      `cannot read the configuration ${join(folder, 'config')}\n`,
    );
    expect(await elsewhere(`config set no-qr --data-dir ${folder}`)).toContain('exit 2');
  });

  test('without HOME it is where the user database says, and where nothing can be written it says so', async () => {
    const unset = await runProgram(['config', 'path'], { prefix: ['env', '-u', 'HOME'] });
    expect([unset.status, unset.stderr]).toEqual([0, '']);
    expect(unset.stdout).toMatch(/^\/.*\/onionferry\/config\n$/);
    expect(await transcript(['config', 'path'], { env: { HOME: '' } })).toBe(
      '! onionferry: error: there is no home folder to keep identities in; name a folder with --data-dir or ONIONFERRY_HOME\nexit 1',
    );
    const file = join(await temporaryDirectory(), 'file');
    await writeFile(file, '');
    expect(await transcript(['config', 'set', 'no-qr', '--data-dir', join(file, 'x')])).toBe(
      `! onionferry: error: cannot use ${join(file, 'x/config')} in this machine’s data directory: there is no such folder; name another one with --data-dir\nexit 1`,
    );
  });
});

describe('key', () => {
  test('list and client say that there is nothing yet, and make nothing', async () => {
    const { home, say } = await place();
    expect(await say('key list')).toBe(
      '! there is no identity yet; send, relay and others create one, or run onionferry key new\nexit 0',
    );
    expect(await say('key list --json')).toBe('exit 0');
    for (const line of [
      'key show',
      'key client add alice',
      'key client remove alice',
      'key client list',
    ]) {
      expect(await say(line)).toMatch(/^! onionferry: error: [^]*\nexit 1$/);
    }
    await expect(readdir(join(home, 'identities'))).rejects.toThrow('ENOENT');
  });

  test('clients are added, listed and removed; secrets go to stdout or to a file of the owner', async () => {
    const { home, run, say } = await place();
    await run('key new');
    expect(await say('key client list')).toBe(
      '! everybody who knows the address of this identity can reach it\nexit 0',
    );
    const added = await run('key client add alice');
    expect(added).toMatchObject({ status: 0, stderr: '' });
    expect(added.stdout).toMatch(KEY);
    expect(await say('key client add alice')).toMatch(/has a client "alice" already[^]*\nexit 1$/);
    const out = join(home, 'bob.key');
    expect(await run(`key client add bob --out ${out}`)).toMatchObject({ status: 0, stdout: '' });
    expect(await readFile(out, 'utf8')).toMatch(KEY);
    expect(await say(`key client add carl --out ${out}`)).toBe(
      `! onionferry: error: ${out} already exists; choose another file\nexit 1`,
    );
    const list = await run('key client list');
    expect(list.stdout).toMatch(/^alice {2}[a-z2-7]{52}\nbob {2}[a-z2-7]{52}\n$/);
    // The secret is kept nowhere.
    const [, secret = 'none'] = /x25519:(\w+)/.exec(added.stdout) ?? [];
    for (const name of await readdir(join(home, 'identities/default.clients'))) {
      const kept = await readFile(join(home, 'identities/default.clients', name), 'utf8');
      expect(kept).not.toContain(secret.toUpperCase());
      expect(kept).not.toContain(secret);
    }
    const modes = Object.values(await modesBelow(home));
    expect(new Set(modes)).toEqual(new Set(['700', '600']));
    expect(await say('key client revoke bob')).toMatch(/^! removed; .*\nexit 0$/);
    expect(await say('key client remove bob')).toBe(
      '! onionferry: error: the identity "default" has no client "bob"\n! onionferry: hint: onionferry key client list prints those that it has\nexit 1',
    );
    expect(await say('key client add a/b')).toMatch(/"a\/b" cannot name a client[^]*\nexit 2$/);
  });

  test('list names an identity that is broken or open to others beside the good ones', async () => {
    const { home, run } = await place();
    await run('key new');
    await run('key new --name open');
    await chmod(join(home, 'identities/open.pem'), 0o644);
    await writeFile(join(home, 'identities/bad.pem'), 'garbage', { mode: 0o600 });
    const { status, stdout, stderr } = await run('key list');
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(
      /^bad {2}.*bad\.pem.*\ndefault {2}[a-z2-7]{56}\.onion\nopen {2}.*open to other users.*\n$/,
    );
  });
});

describe('help, version and completion', () => {
  test.each([
    ['help', /^Usage: onionferry \[options\] \[command\]\n/],
    ['help send', /^Usage: onionferry send \[options\] \[path\.\.\.\]\n/],
    ['help key client', /^Usage: onionferry key client /],
    ['version', /^\d+\.\d+\.\d+\n$/],
    ['version --json', /^\{"event":"version","version":"\d+\.\d+\.\d+"\}\n$/],
    ['completion bash', /^# completion of onionferry for bash\n/],
    ['completion zsh', /^#compdef onionferry\n/],
    ['completion fish', /^# completion of onionferry for fish\n/],
  ])('%s goes to stdout, whole, whatever the configuration says', async (line, text) => {
    const { home, run } = await place();
    await mkdir(home, { recursive: true });
    await writeFile(join(home, 'config'), 'color red\n');
    const { status, stdout, stderr } = await run(line);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(text);
    expect(stdout).not.toContain('\u001b');
    expect(await readdir(home)).toEqual(['config']);
  });

  test.each([
    ['help nosuch', 'there is no such command; see onionferry help'],
    ['completion', 'SHELL is missing'],
    ['completion tcsh', 'completion takes one of bash, zsh, fish'],
  ])('%s is refused', async (line, sentence) => {
    const { say } = await place();
    expect(await say(line)).toBe(`! onionferry: error: ${sentence}\n${USAGE}`);
  });

  test('a reader that goes early is no error, and a full disk is one, by the status as well', async () => {
    const shell = (script: string) =>
      runProgram([], { prefix: ['bash', '-c', `program=("$@"); ${script}`, 'bash'] });
    const early = await shell('"${program[@]}" completion bash | head -n 1');
    expect(early).toMatchObject({ status: 0, stdout: '# completion of onionferry for bash\n' });
    expect(early.stderr).toBe('');
    for (const line of ['help', 'version', 'completion fish', 'config path', '']) {
      const full = await shell(`"\${program[@]}" ${line} > /dev/full`);
      expect(full).toEqual({
        status: 1,
        stdout: '',
        stderr: 'onionferry: error: cannot write to standard output; is the disk full?\n',
      });
    }
  });
});
