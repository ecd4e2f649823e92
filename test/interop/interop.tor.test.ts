import { randomBytes } from 'node:crypto';
import { chmod, mkdir, symlink, utimes, writeFile } from 'node:fs/promises';
import { beforeAll, describe, expect, inject } from 'vitest';
import type { Ferry } from '../support/ferry.js';
import { type Stage, test } from '../support/stage.js';
import { tree } from '../support/tree.js';
import { needPython, Python } from './python.js';

/** Frames carry 262,144 bytes: these make several, and several windows. */
const FILM = randomBytes(5_000_000);

beforeAll(() => needPython());

describe.concurrent('a recipient written from the document alone', () => {
  test('receives a folder as it is, and its receipt ends the sender', async ({ stage }) => {
    const sender = await sendFolder(stage);
    const { invitation } = await sender.told('online');
    await using recipient = receive(stage, invitation);
    await Promise.all([recipient.exits(0), sender.exits(0)]);
    expect(await tree(stage.at('to'))).toEqual(await tree(stage.at('from')));
  });

  test('fails with a wrong password, and the sender waits for one that has the right one', async ({
    stage,
  }) => {
    const sender = await sendFolder(stage);
    const { invitation } = await sender.told('online');
    await using wrong = receive(stage, invitation.replace(/[a-z]+$/, 'nonsense'));
    expect((await wrong.exits(3)).stderr).toContain('the password is wrong');
    await using right = receive(stage, invitation);
    await Promise.all([right.exits(0), sender.exits(0)]);
    expect(await tree(stage.at('to'))).toEqual(await tree(stage.at('from')));
  });

  test('whose stream breaks finds the sender again without the password, and goes on', async ({
    stage,
  }) => {
    const sender = await sendFolder(stage);
    const { invitation } = await sender.told('online');
    await using recipient = receive(stage, invitation, '--break-after', '1000000');
    const { stderr } = await recipient.exits(0);
    expect(stderr).toContain('met again, in generation 1');
    await sender.exits(0);
    expect(await tree(stage.at('to'))).toEqual(await tree(stage.at('from')));
  });
});

describe.concurrent('a sender written from the document alone', () => {
  test('sends a folder over somebody else’s relay', async ({ stage }) => {
    const relay = await stage.start(['relay', '--json'], {
      env: { ONIONFERRY_RELAY_PASSWORD: 'for friends: of mine' },
    });
    const { onion } = await relay.told('online');
    await makeFolder(stage);
    await using sender = new Python(
      ['onionferry', 'send', ...socks(), '--relay', onion, stage.at('from', 'álbum')],
      {
        env: {
          ONIONFERRY_PASSWORD: 'Some Words that nobody écrit',
          ONIONFERRY_RELAY_PASSWORD: 'for friends: of mine',
        },
      },
    );
    const recipient = await stage.start(['receive', '--json', '--out', stage.at('to')], {
      isBare: true,
      input: await sender.firstLine(),
    });
    await Promise.all([recipient.exits(0), sender.exits(0)]);
    expect(await tree(stage.at('to'))).toEqual(await tree(stage.at('from')));
  });
});

/** Nested folders, an empty file, names of several scripts, a link, modes and times. */
async function makeFolder(stage: Stage): Promise<void> {
  const folder = stage.at('from', 'álbum');
  await mkdir(`${folder}/夏/empty folder`, { recursive: true });
  await writeFile(`${folder}/夏/film 🎞.bin`, FILM);
  await writeFile(`${folder}/夏/nothing`, '');
  await writeFile(`${folder}/Ωmega.txt`, 'the last letter\n');
  await writeFile(`${folder}/run`, '#!/bin/sh\n');
  await symlink('夏/film 🎞.bin', `${folder}/latest`);
  await chmod(`${folder}/run`, 0o755);
  await chmod(`${folder}/夏`, 0o700);
  await utimes(`${folder}/Ωmega.txt`, 1_000_000_000.5, 1_000_000_000.5);
}

async function sendFolder(stage: Stage): Promise<Ferry> {
  await makeFolder(stage);
  return await stage.start(['send', '--json', stage.at('from', 'álbum')], { isBare: true });
}

function receive(stage: Stage, invitation: string, ...options: readonly string[]): Python {
  return new Python(['onionferry', 'receive', ...socks(), '--out', stage.at('to'), ...options], {
    input: `${invitation}\n`,
  });
}

function socks(): string[] {
  return ['--socks', `127.0.0.1:${inject('socksPort')}`];
}
