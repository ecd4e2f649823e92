import { createHash } from 'node:crypto';
import { chmod, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { UploadCheck } from '../../../src/pages/inbox/upload-check.js';
import { en } from '../../../src/pages/words/en.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import { contentsOf, file, type RunningInbox, runningInbox, upload } from './running-inbox.js';
import { created, patch, tus } from './tus-visitor.js';

const { refused, received } = en.inbox;

interface Checked extends RunningInbox {
  /** Where the command runs its errands; nothing of the inbox */
  readonly notes: string;
  readonly warnings: string[];
}

interface CheckOptions {
  readonly limitMs?: number;
  readonly tellsNames?: boolean;
  readonly directory?: string;
}

/** An inbox with a command that is this script, with the folder for notes as $1. */
async function checkedBy(
  script: string,
  { limitMs = 60_000, tellsNames = true, ...more }: CheckOptions = {},
): Promise<Checked> {
  const notes = await temporaryDirectory();
  const program = join(notes, 'check');
  await writeFile(program, `#!/bin/sh\n${script}\n`);
  await chmod(program, 0o700);
  const warnings: string[] = [];
  const running = await runningInbox({
    check: { command: [program, notes], limitMs },
    onWarning: (message) => void warnings.push(message),
    tellsNames,
    ...more,
  });
  return { ...running, notes, warnings };
}

async function visible(directory: string): Promise<string[]> {
  return (await readdir(directory)).filter((name) => !name.startsWith('.'));
}

describe('a command for uploads', () => {
  it('sees a file whole before anybody else does, and what it is', async () => {
    const running = await checkedBy(
      'cp "$ONIONFERRY_UPLOAD_PATH" "$1/seen"; env | grep ^ONIONFERRY_ >"$1/env"; cat >"$1/stdin"; ls "${ONIONFERRY_UPLOAD_PATH%/*}/../.." >"$1/visible"',
    );
    const { directory, notes } = running;
    const reply = await upload(running, file('a b.txt', 'content'));
    expect(reply.status).toBe(200);
    expect(await readFile(join(notes, 'seen'), 'utf8')).toBe('content');
    const sha256 = createHash('sha256').update('content').digest('hex');
    const [id] = /[0-9a-f]{32}/.exec(reply.text) ?? [''];
    const environment = await readFile(join(notes, 'env'), 'utf8');
    expect(environment.split('\n').filter((line) => !line.includes('_PATH'))).toEqual(
      expect.arrayContaining([
        `ONIONFERRY_UPLOAD_ID=${id}`,
        'ONIONFERRY_UPLOAD_NAMES=a b.txt',
        'ONIONFERRY_UPLOAD_FILES=1',
        'ONIONFERRY_UPLOAD_BYTES=7',
        `ONIONFERRY_UPLOAD_SHA256=${sha256}`,
      ]),
    );
    expect(JSON.parse(await readFile(join(notes, 'stdin'), 'utf8'))).toMatchObject({
      ...{ id, files: [{ path: 'a b.txt', bytes: 7, sha256 }] },
    });
    expect(await readFile(join(notes, 'visible'), 'utf8')).toBe('');
    expect(await contentsOf(directory)).toEqual({ 'a b.txt': 'content' });
  });

  it('refuses by its status: the visitor reads it, and nothing becomes visible', async () => {
    const running = await checkedBy('echo "found: $ONIONFERRY_UPLOAD_NAMES" >&2; exit 3');
    const reply = await upload(running, file('virus.exe'), file('b.txt'));
    expect(reply.status).toBe(422);
    expect(reply.text).toContain(refused.title['check-refused']);
    expect(reply.text).toContain(refused['check-refused']);
    // Nor is anything hidden left.
    expect(await contentsOf(running.directory)).toEqual({});
    expect(running.received).toEqual([]);
    expect(running.warnings).toEqual([
      expect.stringMatching(
        /^upload [0-9a-f]{32} is refused: the command ended with 3: found: virus/,
      ),
    ]);
  });

  it('says nothing that acts on a terminal', async () => {
    const running = await checkedBy("printf 'found\\033[2J' >&2; exit 1");
    await upload(running, file('a.txt'));
    expect(running.warnings.join()).toContain('found');
    expect(running.warnings.join()).not.toContain('\u001b');
  });

  it('is told of many files on its standard input alone, as no variable can be so long', async () => {
    const running = await checkedBy('cat >"$1/stdin"; env >"$1/env"');
    const names = Array.from({ length: 700 }, (_, at) => `${at}-${'n'.repeat(200)}`);
    const reply = await upload(running, ...names.map((name) => file(name, 'x')));
    expect(reply.status).toBe(200);
    const environment = await readFile(join(running.notes, 'env'), 'utf8');
    expect(environment).toContain('ONIONFERRY_UPLOAD_FILES=700');
    expect(environment).not.toContain('ONIONFERRY_UPLOAD_NAMES');
    expect(await readFile(join(running.notes, 'stdin'), 'utf8')).toContain(names.at(-1));
  });

  it('refuses an upload by tus for good', async () => {
    const running = await checkedBy('exit 1');
    const path = await created(running.web, 4);
    const reply = await patch(running.web, path, 0, 'data');
    expect([reply.status, reply.text]).toEqual([
      422,
      `${refused.title['check-refused']}\n${refused['check-refused']}`,
    ]);
    expect((await tus(running.web, { method: 'HEAD', path })).status).toBe(404);
    expect(await contentsOf(running.directory)).toEqual({});
  });

  it('tells no names where none may be told', async () => {
    const running = await checkedBy('echo "$ONIONFERRY_UPLOAD_NAMES"; exit 1', {
      tellsNames: false,
    });
    await upload(running, file('whistle.pdf'));
    expect(running.warnings.join()).toMatch(/ended with 1$/);
  });

  it('is killed with its children when its time is over, and the upload may be sent again', async () => {
    // Where the machine is slow, it is killed before it has said so, and the next one has longer.
    let child = 0;
    for (let limitMs = 500; child === 0; limitMs *= 2) {
      const running = await checkedBy('sleep 1000 & echo $! >"$1/child"; sleep 1000', { limitMs });
      const reply = await upload(running, file('a.txt'));
      expect(reply.status).toBe(503);
      expect(reply.text).toContain(refused['check-failed']);
      expect(await contentsOf(running.directory)).toEqual({});
      child = Number(await readFile(join(running.notes, 'child'), 'utf8').catch(() => ''));
    }
    // What was killed may wait for somebody to ask how it ended.
    const state = (): Promise<string> =>
      readFile(`/proc/${child}/stat`, 'utf8').then(
        (stat) => stat.replace(/.*\) /, '').charAt(0),
        () => 'gone',
      );
    await expect.poll(state).toMatch(/^(Z|X|gone)$/);
  });

  it.each([
    75, 126, 127,
  ])('that could not look (%i) keeps what may be sent again', async (status) => {
    const running = await checkedBy(`[ -e "$1/works" ] || exit ${status}`);
    const path = await created(running.web, 4);
    expect((await patch(running.web, path, 0, 'data')).status).toBe(503);
    expect(running.warnings.join()).toMatch(
      new RegExp(`^upload [0-9a-f]{32} could not be checked: the command ended with ${status}$`),
    );
    await writeFile(join(running.notes, 'works'), '');
    expect((await tus(running.web, { method: 'HEAD', path })).status).toBe(200);
    expect(running.received).toHaveLength(1);
  });

  it('does not keep an inbox from opening by what an earlier process has left', async () => {
    const { web, directory, inbox } = await checkedBy('exit 75');
    const path = await created(web, 4);
    expect((await patch(web, path, 0, 'data')).status).toBe(503);
    await inbox.close();
    const options = { directory, limitMs: 60_000 };
    const closing = await checkedBy('touch "$1/begun"; sleep 1000', options);
    await expect.poll(() => readdir(closing.notes)).toContain('begun');
    // It ends with the inbox, and leaves the upload to the next one.
    await closing.inbox.close();
    const next = await checkedBy('until [ -e "$1/go" ]; do sleep 0.05; done', options);
    expect(next.received).toEqual([]);
    await writeFile(join(next.notes, 'go'), '');
    await expect.poll(() => next.received).toHaveLength(1);
  });

  it('runs where no stranger puts files, and gets nothing that is for this program alone', async () => {
    const secrets = {
      NOTIFY_SOCKET: '@notify',
      WATCHDOG_USEC: '1',
      WATCHDOG_PID: '1',
      CREDENTIALS_DIRECTORY: '/run/credentials/a',
      ONIONFERRY_PASSWORD: 'secret',
    };
    for (const [name, value] of Object.entries(secrets)) vi.stubEnv(name, value);
    onTestFinished(() => void vi.unstubAllEnvs());
    const running = await checkedBy('pwd >"$1/cwd"; env >"$1/env"');
    expect((await upload(running, file('json.py'))).status).toBe(200);
    expect(await readFile(join(running.notes, 'cwd'), 'utf8')).toBe('/\n');
    const environment = await readFile(join(running.notes, 'env'), 'utf8');
    expect(environment).toMatch(/^ONIONFERRY_UPLOAD_PATH=\/.*json\.py$/m);
    expect(environment).toMatch(/^PATH=/m);
    for (const name of Object.keys(secrets)) expect(environment).not.toContain(`${name}=`);
  });

  it('that cannot be started lets nothing in', async () => {
    const warnings: string[] = [];
    const running = await runningInbox({
      check: { command: ['/nowhere/scanner'], limitMs: 1000 },
      onWarning: (message) => void warnings.push(message),
    });
    expect((await upload(running, file('a.txt'))).status).toBe(503);
    expect(warnings.join()).toContain('ENOENT');
    expect(await contentsOf(running.directory)).toEqual({});
  });

  it.each([
    ['changes', 'echo more >>"$ONIONFERRY_UPLOAD_PATH"'],
    ['changes nothing but the bytes of', 'printf zzzzz >"$ONIONFERRY_UPLOAD_PATH"'],
    ['removes', 'rm "$ONIONFERRY_UPLOAD_PATH"'],
    ['replaces by a link', 'ln -sf /etc/passwd "$ONIONFERRY_UPLOAD_PATH"'],
  ])('that %s a file saves nothing', async (_what, script) => {
    const running = await checkedBy(script);
    expect((await upload(running, file('a.txt'))).status).toBe(503);
    expect(await contentsOf(running.directory)).toEqual({});
  });

  it('ends with the inbox', async () => {
    const running = await checkedBy('touch "$1/begun"; sleep 1000');
    const replying = upload(running, file('a.txt')).catch(() => undefined);
    await expect.poll(() => readdir(running.notes)).toContain('begun');
    await running.inbox.close();
    expect((await replying)?.status).not.toBe(200);
    expect(await visible(running.directory)).toEqual([]);
  });

  it('comes to those who wait also if some of them have left', async () => {
    const directory = await temporaryDirectory();
    const go = join(directory, 'go');
    using check = new UploadCheck({
      command: ['/bin/sh', '-c', 'until [ -e "$0" ]; do sleep 0.05; done', go],
      ...{ limitMs: 60_000, tellsNames: true, onRefused: () => undefined },
    });
    const staged = { folder: directory, files: [] };
    const leaving = new AbortController();
    const running = [check.look('a', staged), check.look('b', staged)];
    const left = ['c', 'd'].map((id) => check.look(id, staged, leaving.signal));
    const more = [check.look('e', staged), check.look('f', staged)];
    leaving.abort(new Error('left'));
    for (const one of left) await expect(one).rejects.toThrow('left');
    await writeFile(go, '');
    await Promise.all([...running, ...more]);
  });

  it('runs twice at a time, and all others wait for their turn', async () => {
    const running = await checkedBy(
      'mkdir "$1/run-$$"; ls -d "$1"/run-* | wc -l >>"$1/counts"; sleep 0.1; rmdir "$1/run-$$"',
    );
    const names = ['a', 'b', 'c', 'd', 'e'];
    const replies = await Promise.all(names.map((name) => upload(running, file(name))));
    expect(replies.every(({ text }) => text.includes(received.title))).toBe(true);
    const counts = (await readFile(join(running.notes, 'counts'), 'utf8')).trim().split('\n');
    expect(counts).toHaveLength(5);
    expect(Math.max(...counts.map(Number))).toBeLessThanOrEqual(2);
  });
});
