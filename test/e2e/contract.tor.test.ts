import { chmod, mkdir, readdir, readFile } from 'node:fs/promises';
import { describe, expect } from 'vitest';
import { fetchFrom } from '../support/carry.js';
import type { Ferry } from '../support/ferry.js';
import { type Stage, test } from '../support/stage.js';

// What other programs rely on, where no other test of this folder holds it.

describe.concurrent('receive', () => {
  test('does with a name that is taken what --on-conflict says; by default it takes another', async ({
    stage,
  }) => {
    const file = await stage.file('from/note.txt', 'new');
    const sender = await stage.start(['send', '--json', '--keep', file]);
    const { invitation } = await sender.told('online');
    const into = async (name: string, ...more: string[]): Promise<Ferry> => {
      await stage.file(`${name}/note.txt`, 'old');
      return await stage.start(['receive', '--json', '--out', stage.at(name), ...more], {
        input: invitation,
      });
    };
    const [renaming, skipping, overwriting, failing] = await Promise.all([
      into('rename'),
      into('skip', '--on-conflict', 'skip'),
      into('overwrite', '--on-conflict', 'overwrite'),
      into('fail', '--on-conflict', 'fail'),
    ]);
    await Promise.all([renaming.exits(0), skipping.exits(0), overwriting.exits(0)]);
    await failing.exits(1);
    expect(await failing.told('error')).toMatchObject({ code: 'ERR_CONFLICT' });
    expect(await contents(stage, 'rename')).toEqual(['note (1).txt: new', 'note.txt: old']);
    expect(await contents(stage, 'skip')).toEqual(['note.txt: old']);
    expect(await contents(stage, 'overwrite')).toEqual(['note.txt: new']);
    expect(await contents(stage, 'fail')).toEqual(['note.txt: old']);
    await sender.endBy('SIGTERM');
    await sender.exits(0);
  });

  test('puts what it gets into the folder that it is started in', async ({ stage }) => {
    const file = await stage.file('from/note.txt', 'for here');
    const sender = await stage.start(['send', '--json', file]);
    const { invitation } = await sender.told('online');
    await mkdir(stage.at('here'));
    const recipient = await stage.start(['receive', '--json', '--yes'], {
      input: invitation,
      prefix: ['env', '-C', stage.at('here')],
    });
    await Promise.all([recipient.exits(0), sender.exits(0)]);
    expect(await contents(stage, 'here')).toEqual(['note.txt: for here']);
  });
});

describe.concurrent('send', () => {
  test('prints its invitation alone where no terminal is, and receive --quiet the text alone', async ({
    stage,
  }) => {
    const file = await stage.file('text', 'a text\nof two lines');
    const sender = await stage.start(['send', '--no-qr', '--text', file]);
    const [invitation] = await sender.printed(/^http:.*(?=\n)/);
    expect(invitation).toMatch(/^http:\/\/[a-z2-7]{56}\.onion\/#([a-z]+-){5}[a-z]+$/);
    const recipient = await stage.start(['receive', '--quiet'], { input: invitation });
    const [got, sent] = await Promise.all([recipient.ends(), sender.ends()]);
    expect([got.status, sent.status]).toEqual([0, 0]);
    expect([got.stdout.toString(), got.stderr]).toEqual(['a text\nof two lines', '']);
    expect(sent.stdout.toString()).toBe(`${invitation}\n`);
  });

  test('uses the identity and the tor that are named, and a password from stdin', async ({
    stage,
  }) => {
    const home = stage.home();
    const made = await stage.start(['key', 'new', '--name', 'work', '--quiet'], { home });
    const onion = (await made.ends()).stdout.toString().trim();
    const tor = await stage.file('tor', `#!/bin/sh\n: > ${stage.at('was-run')}\nexec tor "$@"\n`);
    await chmod(tor, 0o755);
    const file = await stage.file('from/note.txt', 'by another name');
    const args = ['send', '--json', '--name', 'work', '--tor', tor, '--password-file', '-', file];
    const sender = await stage.start(args, {
      home,
      input: 'seven-words-that-somebody-has-chosen\n',
    });
    const online = await sender.told('online');
    expect(online).toMatchObject({ onion, password: 'seven-words-that-somebody-has-chosen' });
    await fetchFrom(sender, stage);
    expect(await contents(stage, 'to')).toEqual(['note.txt: by another name']);
    expect(await readdir(stage.path)).toContain('was-run');
  });

  test('takes the password of somebody else’s relay from a file', async ({ stage }) => {
    const password = await stage.file('relay-password', 'for friends of mine\n');
    const file = await stage.file('from/note.txt', 'over another');
    const relay = await stage.start(['relay', '--json', '--password-file', password]);
    const { onion } = await relay.told('online');
    const sender = await stage.start([
      ...['send', '--json', '--relay', onion, '--relay-password-file', password],
      file,
    ]);
    await fetchFrom(sender, stage);
    expect(await contents(stage, 'to')).toEqual(['note.txt: over another']);
    await relay.endBy('SIGTERM');
    await relay.exits(0);
  });
});

describe.concurrent('without anybody else', () => {
  test('tor doctor finds nothing wrong where Tor is reached', async ({ stage }) => {
    const doctor = await stage.start(['tor', 'doctor', '--json']);
    await doctor.exits(0);
  });

  test('demo makes the whole trip', async ({ stage }) => {
    const demo = await stage.start(['demo', '--json', '--size', '100kB'], {
      env: { ONIONFERRY_TORRC: '' },
    });
    await demo.exits(0);
    expect(await demo.told('done')).toMatchObject({ bytes: 100_000, files: 1 });
  });
});

/** The files of a folder by name, with what is in them. */
async function contents(stage: Stage, folder: string): Promise<string[]> {
  const names = (await readdir(stage.at(folder))).sort();
  return await Promise.all(
    names.map(async (name) => `${name}: ${await readFile(stage.at(folder, name), 'utf8')}`),
  );
}
