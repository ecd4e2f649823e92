import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { copyText, notify } from '../../../src/cli/output/desktop.js';
import { Terminal } from '../../../src/cli/output/terminal.js';
import { CapturedStream } from '../../support/captured-stream.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';

const SECRET = 'http://x.onion/#acid-acorn';

function terminal(isTTY: boolean, TERM = 'xterm'): { stderr: CapturedStream; of: Terminal } {
  const stderr = new CapturedStream({ isTTY, columns: 100 });
  return { stderr, of: new Terminal(new CapturedStream(), stderr, { TERM }) };
}

/** A folder with a program that writes its arguments, then its input, into the file `said`. */
async function withProgram(name: string, status = 0): Promise<string> {
  const folder = await temporaryDirectory();
  const path = join(folder, name);
  await writeFile(
    path,
    `#!/bin/sh\n{ echo "$@"; while read -r line || [ -n "$line" ]; do echo "$line"; line=; done; } > '${folder}/said.new'\n/bin/mv '${folder}/said.new' '${folder}/said'\nexit ${status}\n`,
  );
  await chmod(path, 0o755);
  return folder;
}

test.each([
  ['wl-copy', { WAYLAND_DISPLAY: 'wayland-0' }, ''],
  ['xclip', { DISPLAY: ':0' }, '-selection clipboard'],
  ['xclip', { DISPLAY: ':0', WAYLAND_DISPLAY: 'wayland-0' }, '-selection clipboard'],
])('%s gets the invitation on its standard input', async (name, display, args) => {
  const folder = await withProgram(name);
  const { of, stderr } = terminal(true);
  expect(await copyText(SECRET, of, { ...display, PATH: folder })).toEqual({ by: name });
  expect(await readFile(join(folder, 'said'), 'utf8')).toBe(`${args}\n${SECRET}\n`);
  expect(stderr.text).toBe('');
});

test.each([
  ['without a desktop', {}],
  ['without such a program', { DISPLAY: ':0' }],
])('the terminal is asked %s', async (_, display) => {
  const { of, stderr } = terminal(true);
  expect(await copyText(SECRET, of, { ...display, PATH: '/nonexistent' })).toBe(
    'asked the terminal',
  );
  const base64 = Buffer.from(SECRET).toString('base64');
  expect(stderr.text).toBe(`\u001b]52;c;${base64}\u0007`);
});

test('a program that fails is as good as none, and a log gets no secret', async () => {
  const folder = await withProgram('xclip', 1);
  for (const { of, stderr } of [terminal(false), terminal(true, 'dumb')]) {
    expect(await copyText(SECRET, of, { DISPLAY: ':0', PATH: folder })).toBe('no clipboard');
    expect(stderr.text).toBe('');
  }
});

test('a notification rings, and is shown on a desktop', async () => {
  const folder = await withProgram('notify-send');
  const { of, stderr } = terminal(true);
  notify('the transfer is complete', of, { DISPLAY: ':0', PATH: folder });
  expect(stderr.text).toBe('\u0007');
  const said = await vi.waitFor(() => readFile(join(folder, 'said'), 'utf8'), 10_000);
  expect(said).toBe('--app-name=onionferry onionferry the transfer is complete\n');
});

test('where nobody looks, nothing rings', () => {
  const { of, stderr } = terminal(false);
  notify('the transfer is complete', of, { PATH: '/nonexistent' });
  expect(stderr.text).toBe('');
});
