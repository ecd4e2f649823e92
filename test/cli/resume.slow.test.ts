import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { createIdentity } from '../../src/onion/identity.js';
import { encodeIdentityPem } from '../../src/onion/pem.js';
import { answeringTor } from '../api/verbs/fixture.js';
import { leaveTransfer, sending } from '../desktop/support/left-transfers.js';
import { startOnTerminal, startProgram } from '../support/run-program.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

/** `send --resume` where slides were being sent to two, and later letters to one. */
async function afterTwoInterruptions(): Promise<string[]> {
  const dataDir = await temporaryDirectory();
  for (const paths of [['/s/slides.pdf'], ['/s/slides.pdf'], ['/s/letters', '/s/notes']]) {
    const key = encodeIdentityPem(createIdentity(new Uint8Array(32).fill(paths.length)));
    const relay = { kind: 'own', key, access: 'a' } as const;
    await leaveTransfer(dataDir, { ...sending(...paths), relay });
  }
  const { running } = (await answeringTor()).settings;
  const through = [`--control=${running?.control}`, `--socks=${running?.socks}`];
  return ['send', '--resume', '--data-dir', dataDir, ...through];
}

test('--resume asks which transfer to go on with, and does so', async () => {
  const { child, saw, ended } = startOnTerminal(await afterTwoInterruptions());
  await saw(/1 {2}letters and 1 more, begun [\d.]+\w ago/);
  await saw(/2 {2}slides\.pdf, to 2 recipients, begun [\d.]+\w ago/);
  await saw(/which one to resume\? \(empty for 1\) $/);
  child.stdin?.write('3\n');
  await saw(/type a number from 1 to 2[\s\S]*\(empty for 1\) $/);
  child.stdin?.write('2\n');
  await saw(/recipient 2: resuming the interrupted transfer/);
  child.stdin?.write('\u0003');
  expect((await ended).status).toBe(130);
});

test('where nobody can be asked, --resume says that it goes on with the newest', async () => {
  const { child, saw, ended } = startProgram(await afterTwoInterruptions());
  await saw(/resuming the interrupted transfer/);
  child.kill('SIGTERM');
  const { status, stderr } = await ended;
  expect(status).toBe(5);
  expect(stripVTControlCharacters(stderr)).toMatch(
    /^resuming the sending of letters and 1 more, begun [\d.]+\w ago\n1 older interrupted transfer left for later\n/,
  );
});
