import { expect, test } from 'vitest';
import { onionArgument } from '../../src/cli/secrets/secret-arguments.js';
import { runHere, transcriptHere } from '../support/run-here.js';

const ONION = `${'a'.repeat(56)}.onion`;
const RECEIVED = `! onionferry: hint: run onionferry receive and paste it when asked, or use --password-file or ONIONFERRY_PASSWORD
! onionferry: hint: it may have been seen already; ask the sender for a new one
`;
const OF_RELAY = `! onionferry: hint: give --relay the address alone, and the relay's password by --relay-password-file or ONIONFERRY_RELAY_PASSWORD
! onionferry: hint: it may have been seen already; whoever runs the relay can choose another
`;
const CHOSEN = `! onionferry: hint: use --password-file or ONIONFERRY_PASSWORD, or leave it out to have one generated
! onionferry: hint: it may have been seen already; choose another
`;

test.each([
  [['receive', `http://${ONION}/#hush-hush-hush-hush-hush`], 'an invitation'],
  [['receive', `${ONION}#hush`], 'an invitation'],
  [['receive', '#hush-hush-hush-hush-hush'], 'an invitation'],
  [['receive', `hush@${ONION}`], 'an address with a password in it'],
  [['receive', `Password: hush-hush-hush-hush-hush Address: ${ONION}`], 'an invitation'],
  [['receive', 'hush-hush-hush-hush-hush'], 'a password'],
  [['receive', 'hush hush hush hush hush'], 'a password'],
  [['receive', '--', `http://${ONION}/#hush`], 'an invitation'],
  [['send', 'a', 'https://example.org/#hush'], 'an address with a password in it'],
  [['receive', '--password', 'hush'], 'a password'],
  [['receive', '--password=hush'], 'a password'],
])('%j is refused without being repeated', async (args, what) => {
  await refused(args, what, RECEIVED);
});

test.each([
  [['send', 'a', '--relay', `http://ferry:hush@${ONION}/`], 'an address with a password in it'],
  [['send', 'a', `--relay=http://ferry:hush@${ONION}/`], 'an address with a password in it'],
  [['send', 'a', '--relay', `ferry:hush@${ONION}`], 'an address with a password in it'],
  [['receive', '--relay', `http://hush@${ONION}`], 'an address with a password in it'],
  [['send', 'a', '--relay', `${ONION}#hush`], 'an invitation'],
  [['send', 'a', '--relay', 'hush-hush'], 'a password'],
  [['send', 'a', '--relay-password=hush'], 'a password'],
  [['send', 'a', '--relay-password', 'hush'], 'a password'],
])('%j: the sender hears how a relay and its password are given', async (args, what) => {
  await refused(args, what, OF_RELAY);
});

test.each([
  [['share', 'a', '--password', 'hush']],
  [['send', 'a', '--password=hush']],
])('%j: the sender hears how a password is chosen', async (args) => {
  await refused(args, 'a password', CHOSEN);
});

async function refused(args: readonly string[], what: string, hints: string): Promise<void> {
  const said = await transcriptHere(args);
  expect(said).toBe(
    `! onionferry: error: do not put ${what} on the command line, where other programs on this machine can read it\n${hints}exit 2`,
  );
  expect(said).not.toContain('hush');
}

test.each([
  [['hush-hush-hush-hush-hush']],
  [['receive', ONION, 'hush-hush-hush-hush-hush']],
  [['receive', '--passwrd=hush']],
  [['receive', '--curve', 'hush']],
  [['receive', '--circuits', 'hush']],
  [['receive', '--on-conflict', 'hush', '--verbose']],
])('a secret in the wrong place is not repeated by another error either: %j', async (args) => {
  const { status, stdout, stderr } = await runHere([...args, '--json']);
  expect(status).toBe(2);
  expect(stdout + stderr).not.toContain('hush');
});

test('a file may have # in its name', async () => {
  const { status, stderr } = await runHere(['send', '/nonexistent/song #1.mp3']);
  expect(status).toBe(1);
  expect(stderr).toContain('song #1.mp3');
});

test('an address with spaces around it, as it was copied, is one', () => {
  const given = 'duckduckgogg42xjoc72x3sjasowoarfbgcmvfimaftt6twagswzczad.onion';
  expect(onionArgument(` ${given}\n`)).toBe(given);
});
