import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { texts } from '../../src/cli/wording.js';
import { runHere, transcriptHere } from '../support/run-here.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

/** Another's. */
const ONION = 'od4hvd5osgowshzrmosijk5i64hppu7kejqs3252p2xmwghetyckflad.onion';
const PASSWORD = 'hush-hush-hush-hush-hush';
const INVITATION = `http://25njqamcweflpvkl73j4szahhihoc4xt3ktcgjnpaingr5yhkenl5sid.onion/#${PASSWORD}`;
/** Where the work itself begins, and ends at once. */
const NO_TOR = ['--tor', '/nonexistent/tor'];

test('a file goes before the environment, and the environment before stdin', async () => {
  const home = await temporaryDirectory();
  const file = join(home, 'password');
  await writeFile(file, 'no invitation');
  const env = { ONIONFERRY_PASSWORD: INVITATION };
  const args = ['receive', '--data-dir', home, ...NO_TOR];
  expect(await transcriptHere([...args, '--password-file', file], { env })).toMatch(
    /^! onionferry: error: that is not an invitation; with a password alone, run.*\n.*\nexit 2$/,
  );
  expect((await runHere(args, { env, input: 'no invitation\n' })).status).toBe(4);
});

test('with an address receive takes the password, or an invitation for that address', async () => {
  const home = await temporaryDirectory();
  const address = new URL(INVITATION).host;
  const to = (onion: string, input: string): Promise<string> =>
    transcriptHere(['receive', onion, '--data-dir', home, ...NO_TOR], { input });
  expect(await to(address, PASSWORD)).toMatch(/exit 4$/);
  expect(await to(`HTTP://${address.toUpperCase()}/`, PASSWORD)).toMatch(/exit 4$/);
  expect(await to(address, INVITATION)).toMatch(/exit 4$/);
  expect(await to(ONION, INVITATION)).toMatch(/the invitation is for another address\n.*\nexit 2$/);
  expect(await to(address, 'hush-hush')).toMatch(/at least 5 words[^]*exit 2$/);
  expect(await to(address, 'hush-hush')).not.toContain('hush');
});

test.each([
  [new Uint8Array([0x68, 0xff, 0x0a]), 'the invitation is not UTF-8 text; is it the right file?'],
  ['x'.repeat(5000), 'the invitation is longer than 4096 bytes; is it the right file?'],
])('receive refuses an odd line on stdin (%#)', async (input, sentence) => {
  expect(await transcriptHere(['receive'], { input })).toBe(
    `! onionferry: error: ${sentence}\n! onionferry: hint: for usage, add --help\nexit 2`,
  );
});

test.each([
  ['the invitation', ['receive']],
  ['the password', ['receive', `${ONION}/`]],
])('where nothing comes on stdin receive says how %s is given', async (what, args) => {
  for (const input of ['', '\n', ' \r\n']) {
    expect(await transcriptHere(args, { input })).toBe(
      `! onionferry: error: ${texts.nothingOnInput(what)}\n! onionferry: hint: ${texts.waysToGive}\nexit 2`,
    );
  }
});

test('a password file that is missing, a folder, empty or too long is refused by name', async () => {
  const home = await temporaryDirectory();
  const file = join(home, 'file');
  const said = (path: string): Promise<string> =>
    transcriptHere(['receive', '--password-file', path]);
  expect(await said(file)).toContain(`cannot read the password from ${file}: no such file`);
  expect(await said(home)).toContain(`cannot read the password from ${home}: it is a folder`);
  await writeFile(file, '\n');
  expect(await said(file)).toContain(`the password in ${file} is empty`);
  await writeFile(file, 'x'.repeat(4097));
  expect(await said(file)).toContain(`the password in ${file} is longer than 4096 bytes`);
});

test.each([
  [['send', '-', '--password-file', '-'], 'the content and the password'],
  [['send', '--text', '-', '--password-file', '-'], 'the text and the password'],
  [
    ['send', 'x', '--relay', ONION, '--relay-password-file', '-', '--password-file', '-'],
    'the password and the relay password',
  ],
])('%j: standard input cannot be both', async (args, both) => {
  const said = await transcriptHere(args, { input: 'words\nwords\n' });
  expect(said).toContain(`standard input cannot be both ${both}\n`);
  expect(said).toMatch(/exit 2$/);
});

test("another's relay needs its password", async () => {
  expect(await transcriptHere(['send', 'x', '--relay', ONION])).toContain(
    'the relay needs a password; use --relay-password-file or ONIONFERRY_RELAY_PASSWORD',
  );
});

test('a mistyped address is refused before anybody is asked for its password', async () => {
  const mistyped = new URL(INVITATION).host.replace('25', '26');
  expect(await transcriptHere(['receive', mistyped], { input: '' })).toMatch(
    /its checksum does not match, so it has a typo[^]*exit 2$/,
  );
});

test('receive knows an address from an invitation', async () => {
  const pages = INVITATION.replace('#', '').replace('//', '//ferry:secret@').replace(PASSWORD, '');
  for (const input of [pages, new URL(INVITATION).origin]) {
    const said = await transcriptHere(['receive'], { input });
    expect(said).toMatch(
      /an address without a password; run onionferry receive ADDRESS, and give the password/,
    );
    expect(said).toMatch(/exit 2$/);
    expect(said).not.toContain('secret');
  }
});

test.each([
  ['send', '.'],
  ['share', '.'],
  ['site', '.'],
  ['inbox', 'in'],
  ['relay'],
])('%s refuses a password that others guess soon, unless somebody insists', async (...command) => {
  const home = await temporaryDirectory();
  const env = { ONIONFERRY_PASSWORD: '1-1-1-1-1', ONIONFERRY_RELAY_PASSWORD: '1-1-1-1-1' };
  const args = [
    ...command.map((arg) => (arg === 'in' ? join(home, arg) : arg)),
    '--data-dir',
    home,
  ];
  const refused = await transcriptHere([...args, ...NO_TOR], { env });
  expect(refused).toMatch(
    /^! onionferry: error: this password is too easy to guess: it .*\n! onionferry: hint: to take it all the same, add --weak-password\nexit 2$/,
  );
  expect(refused).not.toContain('1-1');
  expect((await runHere([...args, ...NO_TOR, '--weak-password'], { env })).status).toBe(4);
});
