import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import {
  appendFile,
  link,
  mkdir,
  readdir,
  readFile,
  stat,
  truncate,
  utimes,
} from 'node:fs/promises';
import { describe, expect, inject } from 'vitest';
import { readAttributes, writeAttributes } from '../../src/disk/extended-attributes.js';
import { fetchFrom, hashOf } from '../support/carry.js';
import { halfway } from '../support/halfway.js';
import { SLOW_LINE, test } from '../support/stage.js';
import { startVisitor } from '../support/visitor.js';

describe.concurrent('what is sent', () => {
  test('leaves out what --exclude and --git-ignore name, also from the pages', async ({
    stage,
  }) => {
    await stage.file('from/p/.git/HEAD', 'x');
    await stage.file('from/p/.gitignore', 'build/\n');
    await stage.file('from/p/build/out', 'x');
    await stage.file('from/p/a.txt', 'x');
    await stage.file('from/p/a.tmp', 'x');
    const args = ['send', '--json', '--git-ignore', '--exclude', '*.tmp', stage.at('from/p')];
    const sender = await stage.start(args);
    const online = await sender.told('online');
    await using visitor = await startVisitor(stage.home(), inject('torrc'));
    const statuses: number[] = [];
    for (const name of ['a.txt', 'a.tmp', 'build/out', '.git/HEAD']) {
      statuses.push((await visitor.visit(online, `/files/p/${name}`)).status);
    }
    expect(statuses).toEqual([200, 404, 404, 404]);
    await fetchFrom(sender, stage);
    expect(await readdir(stage.at('to/p'))).toEqual(['.gitignore', 'a.txt']);
  });

  test('is only what --only names, on both sides', async ({ stage }) => {
    await stage.file('from/p/a.pdf', randomBytes(300_000));
    await stage.file('from/p/b.iso', randomBytes(3_000_000));
    await stage.file('from/p/letters/c.txt', 'letter');
    const sender = await stage.start(['send', '--json', stage.at('from/p')]);
    const { invitation } = await sender.told('online');
    const only = ['--only', '*.pdf', '--only', 'letters/'];
    const recipient = await stage.start(['receive', '--json', '--out', stage.at('to'), ...only], {
      input: `${invitation}\n`,
    });
    await recipient.exits(0);
    await sender.exits(0);
    expect(await recipient.told('offer')).toMatchObject({
      files: 3,
      bytes: 3_300_006,
      wanted: { files: 2, bytes: 300_006 },
    });
    expect(await recipient.told('done')).toMatchObject({ files: 2, bytes: 300_006 });
    expect(await sender.told('done')).toMatchObject({ files: 2, bytes: 300_006 });
    expect(await readdir(stage.at('to/p'))).toEqual(['a.pdf', 'letters']);
    expect(await hashOf(stage.at('to/p/a.pdf'))).toBe(await hashOf(stage.at('from/p/a.pdf')));
  });

  test('resumes with --only after a kill, and fetches nothing else then either', async ({
    stage,
  }) => {
    await stage.file('from/p/a.bin', randomBytes(2_000_000));
    await stage.file('from/p/b.iso', randomBytes(2_000_000));
    await stage.file('from/p/c.bin', randomBytes(1000));
    const sides = await halfway(stage, {
      path: stage.at('from/p'),
      receiving: ['--only', '*.bin', '--circuits', '1'],
      recipient: SLOW_LINE,
      bytes: 500_000,
    });
    await sides.recipient.kill();
    const again = await sides.receiveAgain();
    const { bytes, total } = await again.told('resuming');
    expect(total).toBe(2_001_000);
    // What had come in the last moment before the kill is not in the journal yet.
    expect(bytes).toBeGreaterThan(250_000);
    await sides.arrive();
    expect(await sides.sender.told('done')).toMatchObject({ files: 2, bytes: 2_001_000 });
    expect(await readdir(stage.at('to/p'))).toEqual(['a.bin', 'c.bin']);
    expect(await hashOf(stage.at('to/p/a.bin'))).toBe(await hashOf(stage.at('from/p/a.bin')));
  });

  test('is one file of many for --only with --stdout', async ({ stage }) => {
    await stage.file('from/p/a', 'first');
    await stage.file('from/p/b', 'second');
    const sender = await stage.start(['send', '--json', stage.at('from/p')]);
    const { invitation } = await sender.told('online');
    const recipient = await stage.start(['receive', '--stdout', '--only', 'p/b'], {
      env: { ONIONFERRY_PASSWORD: invitation },
    });
    const { stdout } = await recipient.exits(0);
    expect(stdout.toString()).toBe('second');
    await sender.exits(0);
  });

  test('is a file of /proc as it is read, never an empty one', async ({ stage }) => {
    const sender = await stage.start(['send', '--json', '/proc/version']);
    await fetchFrom(sender, stage);
    expect(readFileSync(stage.at('to/version'), 'utf8')).toBe(
      readFileSync('/proc/version', 'utf8'),
    );
    const refused = await stage.start(['send', '--json', '/proc/version', '/proc/cpuinfo']);
    await refused.exits(1);
    expect(await refused.told('error')).toMatchObject({
      code: 'ERR_SOURCE',
      message: expect.stringMatching(
        /^2 entries cannot be sent: \/proc\/version holds .*, \/proc\/cpuinfo holds .*--skip-unreadable$/,
      ) as string,
    });
  });

  test('is a log as long as it was, with --growing', async ({ stage }) => {
    const content = randomBytes(400_000);
    const path = await stage.file('from/app.log', content);
    const sender = await stage.start(['send', '--json', '--growing', path]);
    await sender.told('online');
    await appendFile(path, 'one more line\n');
    await fetchFrom(sender, stage);
    expect((await readFile(stage.at('to/app.log'))).equals(content)).toBe(true);
  });

  test('names on both sides what is left out, and what is not UTF-8', async ({ stage }) => {
    await stage.file('from/p/a', 'x');
    writeFileSync(Buffer.concat([Buffer.from(`${stage.at('from/p')}/caf`), Buffer.of(0xe9)]), 'x');
    await mkdir(stage.at('from/p/random'));
    // No program can read all of it, also not one of root.
    const paths = [stage.at('from/p'), '/proc/version'];
    const sender = await stage.start(['send', '--json', '--skip-unreadable', ...paths]);
    const recipient = await fetchFrom(sender, stage);
    const says = (what: RegExp) => (event: { message: string }) => what.test(event.message);
    await sender.told('warning', says(/^one entry was left out: \/proc\/version/));
    await sender.told('warning', says(/not UTF-8.*: p\/caf%E9$/));
    await recipient.told('warning', says(/^1 entry was left out by the sender: version$/));
    await recipient.told('warning', says(/^1 name is not UTF-8.*: p\/caf%E9$/));
    expect(await readdir(stage.at('to/p'))).toEqual(['a', 'caf%E9', 'random']);
  });

  test('holes and other names of a file cost no traffic', async ({ stage }) => {
    const path = await stage.file('from/p/disk.img', randomBytes(1000));
    await truncate(path, 100_000_000);
    await link(path, stage.at('from/p/other.img'));
    const sender = await stage.start(['send', '--json', stage.at('from/p')]);
    const recipient = await fetchFrom(sender, stage);
    expect(await recipient.told('done')).toMatchObject({ bytes: 100_000_000, files: 2 });
    const [one, other] = [
      await stat(stage.at('to/p/disk.img')),
      await stat(stage.at('to/p/other.img')),
    ];
    expect(one.size).toBe(100_000_000);
    expect(other.ino).toBe(one.ino);
  });

  test('has its extended attributes and its old time, if both sides want the first', async ({
    stage,
  }) => {
    const path = await stage.file('from/file', 'x');
    const attributes = { 'user.origin': 'aGVyZQ==' };
    writeAttributes(path, attributes);
    await utimes(path, '-86400.5', '-86400.5');
    const sender = await stage.start(['send', '--json', '--xattrs', path]);
    const { invitation } = await sender.told('online');
    const recipient = await stage.start(
      ['receive', '--json', '--xattrs', '--out', stage.at('to')],
      { input: `${invitation}\n` },
    );
    await recipient.exits(0);
    await sender.exits(0);
    expect(readAttributes(stage.at('to/file'))).toEqual(attributes);
    expect((await stat(stage.at('to/file'))).mtimeMs).toBe(-86_400_500);
  });

  test('is told by share on the terminal and on the page, and --exclude hides', async ({
    stage,
  }) => {
    await stage.file('from/p/a.txt', 'x');
    await stage.file('from/p/b.tmp', 'x');
    writeFileSync(
      Buffer.concat([Buffer.from(`${stage.at('from/p')}/caf`), Buffer.of(0xe9)]),
      'latin',
    );
    await link(stage.at('from/p/a.txt'), stage.at('from/p/c.txt'));
    execFileSync('mkfifo', [stage.at('from/p/pipe')]);
    const share = await stage.start(['share', '--json', '--exclude', '*.tmp', stage.at('from/p')]);
    await share.told(
      'warning',
      ({ message }) => message === '1 entry is left out: p/pipe (a pipe, socket or device)',
    );
    await using visitor = await startVisitor(stage.home(), inject('torrc'));
    const online = await share.told('online');
    const page = (await visitor.visit(online, '/')).body.toString();
    expect(page).toContain('<bdi>pipe</bdi>');
    expect(page).toContain('caf%E9');
    expect(page).not.toContain('b.tmp');
    const { status, body } = await visitor.visit(online, '/files/p/caf%25E9');
    expect([status, body.toString()]).toEqual([200, 'latin']);
    expect((await visitor.visit(online, '/files/p/b.tmp')).status).toBe(404);
  });
});
