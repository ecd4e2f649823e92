import { expect, test } from 'vitest';
import { interruptedSends, withInterrupted } from '../../../src/api/interrupted-sends.js';
import { withDataDir, withTor } from '../../../src/api/options.js';
import { resumeSend } from '../../../src/api/verbs/resume-send.js';
import { onionAddressOf } from '../../../src/onion/address.js';
import { createIdentity } from '../../../src/onion/identity.js';
import { encodeIdentityPem } from '../../../src/onion/pem.js';
import { leaveTransfer, sending } from '../../desktop/support/left-transfers.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import { answeringTor, observed } from './fixture.js';

/** Leaves transfers of a file, one for each recipient. @returns the address */
async function interrupted(dataDir: string, path: string, recipients = 1): Promise<string> {
  const identity = createIdentity();
  const relay = { kind: 'own', key: encodeIdentityPem(identity), access: 'a' } as const;
  for (let left = recipients; left > 0; left -= 1) {
    await leaveTransfer(dataDir, { ...sending(path), relay });
  }
  return onionAddressOf(identity.publicKey);
}

test('what is chosen among interrupted transfers is resumed, and not the newest', async () => {
  const dataDir = await temporaryDirectory();
  const older = await interrupted(dataDir, '/home/a/slides.pdf', 2);
  const [chosen] = await interruptedSends(withDataDir(dataDir));
  expect(chosen).toMatchObject({ paths: ['/home/a/slides.pdf'] });
  expect(chosen?.ids).toHaveLength(2);

  const newer = await interrupted(dataDir, '/home/a/letters');
  const all = await interruptedSends(withDataDir(dataDir));
  expect(all.map(({ paths }) => paths)).toEqual([['/home/a/letters'], ['/home/a/slides.pdf']]);

  const options = [withDataDir(dataDir), withTor((await answeringTor()).settings)];
  const these = withInterrupted(chosen?.ids ?? []);
  const { events, call } = observed(resumeSend(...options, these));
  await expect
    .poll(() => events.filter(({ event }) => event === 'resuming'))
    .toMatchObject([{ onion: older }, { onion: older }]);
  await call.close();
  const again = observed(resumeSend(...options));
  expect(await again.told('resuming')).toMatchObject({ onion: newer });
});
