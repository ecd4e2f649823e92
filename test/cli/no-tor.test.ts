import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runHere } from '../support/run-here.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

test('--json ends with an error event, which is the only thing on stdout', async () => {
  const home = await temporaryDirectory();
  const args = ['relay', '--json', '--data-dir', home, '--tor', '/nonexistent/tor'];
  const { status, stdout } = await runHere(args);
  const { event, code, message, ...rest } = JSON.parse(stdout) as Record<string, unknown>;
  expect(event).toBe('error');
  expect(code).toMatch(/^ERR_TOR_/);
  expect(message).toEqual(expect.stringContaining('/nonexistent/tor'));
  expect(rest).toEqual({});
  expect(status).toBe(4);
});

test('the doctor lists what it looked at, says what helps, and exits 4 when something fails', async () => {
  const home = await temporaryDirectory();
  const args = ['tor', 'doctor', '--data-dir', home, '--tor', '/nonexistent/tor'];
  const { status, stdout, stderr } = await runHere(args);
  expect(stdout).toMatch(
    /^FAIL {2}program {9}[^\n]+\/nonexistent\/tor.*\nok {4}data-directory {2}.*\n/,
  );
  expect(stderr).toBe('onionferry: error: this machine cannot use Tor; failed: program\n');
  expect(status).toBe(4);
  const lines = (await runHere([...args, '--json'])).stdout.trimEnd().split('\n');
  const events = lines.map((line) => (JSON.parse(line) as { event: string }).event);
  expect(events).toEqual([...Array.from({ length: events.length - 1 }, () => 'check'), 'error']);
  expect(events.length).toBeGreaterThan(2);
});

test('a stack is shown by --verbose only', async () => {
  const home = await temporaryDirectory();
  const args = ['relay', '--data-dir', home, '--tor', '/nonexistent/tor'];
  expect((await runHere(args)).stderr).not.toMatch(/^\s+at /m);
  expect((await runHere([...args, '--verbose'])).stderr).toMatch(/^\s+at /m);
});

test('send says what it cannot read before it goes looking for Tor', async () => {
  const home = await temporaryDirectory();
  const missing = join(home, 'missing');
  const { status, stderr } = await runHere(['send', missing, '--data-dir', home]);
  expect(stderr).toContain(missing);
  expect(status).toBe(1);
});

test('a text that is not UTF-8 is not sent as text', async () => {
  const home = await temporaryDirectory();
  const file = join(home, 'latin');
  await writeFile(file, new Uint8Array([0x48, 0xe9]));
  const { status, stderr } = await runHere(['send', '--text', file, '--data-dir', home]);
  expect(stderr).toBe(
    `onionferry: error: the text in ${file} is not UTF-8; send it as a file instead\n`,
  );
  expect(status).toBe(1);
});

test('names in errors cannot harm a terminal', async () => {
  const home = await temporaryDirectory();
  const { stderr } = await runHere(['send', '\u001b[2Jx', '--data-dir', home]);
  expect(stderr).toContain('\\u{1b}[2Jx');
  expect(stderr).not.toContain('\u001b');
});
