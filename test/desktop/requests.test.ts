import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { DroppedFolders } from '../../src/desktop/dropped-folders.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { leaveTransfer, sending } from './support/left-transfers.js';
import { RunningDesktop } from './support/running-desktop.js';

test('the chooser lists folders first, then files, and hides what is hidden', async () => {
  const running = await RunningDesktop.entered();
  await mkdir(join(running.home, 'letters'));
  await writeFile(join(running.home, 'a.txt'), 'hello');
  await writeFile(join(running.home, '.secret'), '');
  const { status, json } = await running.inside('folder?path=');
  expect(status).toBe(200);
  const shown = [
    { name: 'letters', kind: 'folder' },
    { name: 'a.txt', kind: 'file', bytes: 5 },
  ];
  expect(json).toEqual({ path: '', entries: shown, more: 0 });
  const all = await running.inside('folder?path=&hidden=1');
  expect(all.json['entries']).toContainEqual({ name: '.secret', kind: 'file', bytes: 0 });
});

test('more entries than anybody looks through are counted', async () => {
  const running = await RunningDesktop.entered();
  const names = Array.from({ length: 2003 }, (_, index) => `f${index}`);
  await Promise.all(names.map((name) => writeFile(join(running.home, name), '')));
  const { json } = await running.inside('folder?path=');
  expect(json['entries']).toHaveLength(2000);
  expect(json['more']).toBe(3);
});

test.each([
  '..',
  '../..',
  'letters/../..',
  'letters/..',
  './letters',
  '/etc',
  '//etc',
  'letters//',
  'letters/',
  'out',
  'out/passwd',
  'letters/out',
  '%2e%2e',
  'letters\0',
  'missing',
  'a.txt/x',
])('the chooser does not lead out of the home, nor to what is not there: %j', async (path) => {
  const running = await RunningDesktop.entered();
  await mkdir(join(running.home, 'letters'));
  await writeFile(join(running.home, 'a.txt'), '');
  await symlink('/etc', join(running.home, 'out'));
  await symlink('/etc', join(running.home, 'letters', 'out'));
  const listed = await running.inside(`folder?${new URLSearchParams({ path }).toString()}`);
  expect(listed.status).toBe(422);
  expect(listed.text).not.toContain('"kind"');
  const requests = [
    { verb: 'share', paths: [path] },
    { verb: 'site', folder: path },
    { verb: 'send', paths: [path], keep: false },
  ];
  for (const json of requests) {
    expect((await running.inside('tasks', { json })).status).toBe(422);
  }
  expect(await tasksOf(running)).toEqual([]);
});

test('all of the home is neither shared nor served', async () => {
  const running = await RunningDesktop.entered();
  for (const json of [
    { verb: 'share', paths: [''] },
    { verb: 'site', folder: '' },
  ]) {
    const { status, text } = await running.inside('tasks', { json });
    expect(status).toBe(422);
    expect(text).toContain('not all of it');
  }
});

test.each([
  '..',
  '../out',
  'out',
  'out/new',
  'new/deep',
  '.hidden',
  '/new',
])('an inbox is not opened outside the home: %j', async (folder) => {
  const running = await RunningDesktop.entered();
  await symlink('/tmp', join(running.home, 'out'));
  const { status } = await running.inside('tasks', { json: { verb: 'inbox', folder } });
  expect(status).toBe(422);
});

test.each([
  ['no JSON', '{"verb":'],
  ['a list', '[]'],
  ['null', 'null'],
  ['a text', '"share"'],
  ['an unknown verb', '{"verb":"relay"}'],
  ['a field that is not known', '{"verb":"share","paths":["a"],"options":{}}'],
  ['a prototype', '{"verb":"share","paths":["a"],"__proto__":{"drop":1}}'],
  ['paths that are none', '{"verb":"share","paths":[1]}'],
  ['a path that is too long', JSON.stringify({ verb: 'share', paths: ['a'.repeat(4097)] })],
  ['too many paths', JSON.stringify({ verb: 'share', paths: Array(10_001).fill('a') })],
  ['a drop that is no number', '{"verb":"share","paths":[],"drop":"1"}'],
  ['a folder that is none', '{"verb":"inbox","folder":["a"]}'],
  ['an empty text', '{"verb":"send","text":""}'],
  ['a long invitation', JSON.stringify({ ...RECEIVE(), invitation: 'x'.repeat(12_289) })],
])('a request with %s is refused', async (_, body) => {
  const running = await RunningDesktop.entered();
  expect((await running.inside('tasks', { json: body })).status).toBe(400);
  expect(await tasksOf(running)).toEqual([]);
});

test('a request that is too long, or not of JSON, is refused', async () => {
  const running = await RunningDesktop.entered();
  const long = JSON.stringify({ verb: 'send', text: 'x'.repeat(4_000_000) });
  expect((await running.inside('tasks', { json: long })).status).toBe(413);
  const headers = { 'content-type': 'text/plain' };
  const text = JSON.stringify({ verb: 'send', text: 'x' });
  expect((await running.inside('tasks', { json: text, headers })).status).toBe(400);
});

test('an invitation is read as it was delivered, and its faults are said before anything is dialled', async () => {
  const running = await RunningDesktop.entered();
  const onion = `${'a'.repeat(56)}.onion`;
  const says = async (invitation: string): Promise<unknown> =>
    (await running.inside('tasks', { json: { ...RECEIVE(), invitation } })).json['sentence'];
  expect(await says('hello')).toContain('the invitation cannot be used');
  expect(await says(`http://${onion}/`)).toContain('without its password');
  expect(await tasksOf(running)).toEqual([]);
});

test('words that are not in the list are named, and taken on request', async () => {
  const running = await RunningDesktop.entered();
  // Any valid address will do: nothing is dialled.
  const onion = 'duckduckgogg42xjoc72x3sjasowoarfbgcmvfimaftt6twagswzczad.onion';
  const invitation = `see “http://${onion}/#abacus-bxttery-clock-zoom-ladder-violin”.`;
  const json = { ...RECEIVE(), invitation };
  const first = await running.inside('tasks', { json });
  expect(first.json).toMatchObject({ isUnsure: true });
  expect(first.json['sentence']).toContain('“bxttery” is not in the word list; did you mean');
  const { status } = await running.inside('tasks', { json: { ...json, isSure: true } });
  expect(status).toBe(201);
});

test('what was dropped is kept for this user alone, and is gone at the end', async () => {
  const running = await RunningDesktop.entered();
  const { drop } = (await running.inside('drops', { json: {} })).json;
  const put = async (path: string, body: string, bytes = body.length): Promise<number> => {
    const query = new URLSearchParams({ root: '1', path, bytes: `${bytes}` }).toString();
    const headers = { origin: running.origin };
    const asked = { method: 'PUT', headers, body };
    return (await running.inside(`drops/${String(drop)}?${query}`, asked)).status;
  };
  expect(await put('letters/one.txt', 'hello')).toBe(200);
  const [run = ''] = await readdir(join(running.dataDir, 'dropped'));
  const kept = join(running.dataDir, 'dropped', run, String(drop), '1', 'letters');
  expect(await readFile(join(kept, 'one.txt'), 'utf8')).toBe('hello');
  for (const path of ['../x', 'a/../../x', '/x', 'a//x', '', '.', 'a\\\0b']) {
    expect(await put(path, 'x')).toBe(422);
  }
  // What is shorter than it was when it was dropped.
  expect(await put('letters/two.txt', 'hel', 5)).toBe(422);
  await rm(join(kept, 'two.txt'));
  // Nothing is written over.
  expect(await put('letters/one.txt', 'again')).toBe(422);
  expect(await readdir(kept)).toEqual(['one.txt']);
  await running.desktop[Symbol.asyncDispose]();
  expect(await readdir(join(running.dataDir, 'dropped'))).toEqual([]);
});

test('folders without files, two of one name and odd names are kept as they were dropped', async () => {
  const dataDir = await temporaryDirectory();
  await using dropped = new DroppedFolders(dataDir);
  const drop = await dropped.add();
  const write = (root: number, path: string): Promise<void> =>
    dropped.write(drop, { root, path, bytes: 1 }, Readable.from(['x']));
  await write(2, 'note.txt');
  await write(10, 'note.txt');
  await dropped.makeFolder(drop, { root: 1, path: 'empty/deeper' });
  await write(1, 'empty/soft\u00adhyphen\nand "quotes".txt');
  const paths = await dropped.paths(drop);
  expect(paths.map((path) => basename(path))).toEqual(['empty', 'note.txt', 'note.txt']);
  expect((await readdir(paths[0]!)).sort()).toEqual([
    'deeper',
    'soft\u00adhyphen\nand "quotes".txt',
  ]);
});

test('a drop that the page gives up goes at once', async () => {
  const running = await RunningDesktop.entered();
  const { drop } = (await running.inside('drops', { json: {} })).json;
  const asked = { method: 'DELETE', headers: { origin: running.origin } };
  expect((await running.inside(`drops/${String(drop)}`, asked)).status).toBe(200);
  const [run = ''] = await readdir(join(running.dataDir, 'dropped'));
  expect(await readdir(join(running.dataDir, 'dropped', run))).toEqual(['lock']);
});

test('a drop goes with a start that fails, because the page copies it again', async () => {
  const running = await RunningDesktop.entered();
  const { drop } = (await running.inside('drops', { json: {} })).json;
  const json = { verb: 'share', paths: ['missing'], drop };
  expect((await running.inside('tasks', { json })).status).toBe(422);
  const [run = ''] = await readdir(join(running.dataDir, 'dropped'));
  expect(await readdir(join(running.dataDir, 'dropped', run))).toEqual(['lock']);
});

test('what a killed program left of drops goes at the next start, and what another holds stays', async () => {
  const running = await RunningDesktop.entered();
  await running.inside('drops', { json: {} });
  const dropped = join(running.dataDir, 'dropped');
  const [held = ''] = await readdir(dropped);
  await mkdir(join(dropped, 'run-killed', '1'), { recursive: true });
  await writeFile(join(dropped, 'run-killed', 'lock'), '');
  await using other = new DroppedFolders(running.dataDir);
  await other.sweep();
  expect(await readdir(dropped)).toEqual([held]);
});

test('a drop goes when its task has ended, and cannot be used again', async () => {
  const running = await RunningDesktop.entered();
  const { drop } = (await running.inside('drops', { json: {} })).json;
  const asked = { method: 'PUT', headers: { origin: running.origin }, body: 'x' };
  await running.inside(`drops/${String(drop)}?root=1&path=a&bytes=1`, asked);
  const json = { verb: 'share', paths: [], drop };
  expect((await running.inside('tasks', { json })).status).toBe(201);
  await expect.poll(async () => (await running.inside('tasks', { json })).status).toBe(422);
  const [run = ''] = await readdir(join(running.dataDir, 'dropped'));
  const left = (): Promise<string[]> => readdir(join(running.dataDir, 'dropped', run));
  await expect.poll(left).toEqual(['lock']);
});

test('without a tor, a task says what the terminal would, and is taken off the list', async () => {
  const running = await RunningDesktop.entered();
  await writeFile(join(running.home, 'a.txt'), '');
  await running.inside('tasks', { json: { verb: 'share', paths: ['a.txt'] } });
  await expect.poll(async () => await tasksOf(running)).toMatchObject([{ stage: 'failed' }]);
  const [task] = await tasksOf(running);
  expect(task).toMatchObject({ id: 1, about: 'a.txt', failure: { hints: [] } });
  expect(JSON.stringify(task)).toContain('no-tor');
  expect((await running.inside('tasks/2/stop', { json: {} })).status).toBe(404);
  expect((await running.inside('tasks/x/stop', { json: {} })).status).toBe(400);
  expect((await running.inside('tasks/1/answer', { json: { accepts: true } })).status).toBe(422);
  expect((await running.inside('tasks/1/forget', { json: {} })).status).toBe(200);
  expect(await tasksOf(running)).toEqual([]);
});

test('the page, what runs, and what is refused are in the language that the browser asks for', async () => {
  const running = await RunningDesktop.entered();
  const german = { 'accept-language': 'de-AT, en;q=0.5' };
  await running.inside('tasks', { json: { verb: 'send', text: 'hello' } });
  await expect.poll(async () => await tasksOf(running)).toMatchObject([{ stage: 'failed' }]);
  const asked = { headers: { ...german, accept: 'text/html' } };
  const { text, headers } = await running.inside('', asked);
  expect(headers.vary).toMatch(/accept-language/i);
  expect(text).toContain('<html lang="de">');
  expect(text).toContain('Dateien oder einen Text senden');
  const [task] = await tasksOf(running, german);
  expect(task).toMatchObject({
    about: 'ein Text',
    failure: { hints: [expect.stringContaining('tor doctor')] },
  });
  const refused = await running.inside('folder?path=missing', { headers: german });
  expect(refused.json['sentence']).toContain('Es gibt keine solche Datei');
  const outside = await running.ask(running.path, asked);
  expect(outside.text).toContain('Nicht erlaubt');
});

test('the page is told each change, and that the program has ended', async () => {
  const running = await RunningDesktop.entered();
  const events = running.inside('events', { headers: { accept: 'text/event-stream' } });
  await running.inside('tasks', { json: { verb: 'send', text: 'hello' } });
  await expect.poll(async () => await tasksOf(running)).toMatchObject([{ stage: 'failed' }]);
  await running.inside('quit', { json: {} });
  await running.desktop.quit;
  await running.desktop[Symbol.asyncDispose]();
  const { headers, text } = await events;
  expect(headers['content-type']).toMatch(/^text\/event-stream/);
  expect(text).toMatch(/^retry: 1000\n\nevent: state\ndata: \{.*\}\n\n/);
  expect(text).toMatch(/event: ended\ndata: \{\}\n\n$/);
});

test('what was interrupted stays on the list if it cannot be gone on with', async () => {
  const running = await RunningDesktop.entered();
  const id = await leaveTransfer(running.dataDir, sending(join(running.home, 'a.txt')));
  for (let count = 0; count < 100; count += 1) {
    await running.inside('tasks', { json: { verb: 'send', text: 'hello' } });
  }
  const resume = async (): Promise<number> =>
    (await running.inside(`interrupted/${id}/resume`, { json: {} })).status;
  expect(await resume()).toBe(422);
  const forget = async (): Promise<number> => {
    await running.inside('tasks/1/forget', { json: {} });
    return (await tasksOf(running)).length;
  };
  await expect.poll(forget).toBe(99);
  expect(await resume()).toBe(201);
});

function RECEIVE(): Record<string, unknown> {
  return { verb: 'receive', invitation: 'x', folder: 'Downloads', isSure: false };
}

async function tasksOf(
  running: RunningDesktop,
  headers: Record<string, string> = {},
): Promise<unknown[]> {
  const { text } = await running.inside('', { headers: { accept: 'text/html', ...headers } });
  const [, state = ''] = /data-state="([^"]*)"/.exec(text) ?? [];
  const json = state.replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&amp;', '&');
  const { tasks } = JSON.parse(json) as { tasks: unknown[] }; // of the page itself
  return tasks;
}
