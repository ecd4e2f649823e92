import { join } from 'node:path';
import { expect, test } from 'vitest';
import { interruptedSends, withInterrupted } from '../../../src/api/interrupted-sends.js';
import { withDataDir, withKeep, withThrottle, withTor } from '../../../src/api/options.js';
import { withOutput } from '../../../src/api/receive-options.js';
import { receive, resumeReceive } from '../../../src/api/verbs/receive.js';
import { resumeSend } from '../../../src/api/verbs/resume-send.js';
import { send } from '../../../src/api/verbs/send.js';
import { onionAddressOf } from '../../../src/onion/address.js';
import { createIdentity } from '../../../src/onion/identity.js';
import { encodeIdentityPem } from '../../../src/onion/pem.js';
import { leaveTransfer, sending } from '../../desktop/support/left-transfers.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import { answeringTor, at, files, observed, online } from './fixture.js';

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

test('what went on after --keep is a service like others once all of it has arrived', async () => {
  const tor = await answeringTor();
  const [dataDir, out] = [await temporaryDirectory(), await temporaryDirectory()];
  const own = [withDataDir(dataDir), withTor(tor.settings)];
  const folder = await files({ a: 'x'.repeat(300_000) });
  const sending = await online(
    send([join(folder, 'a')], ...own, withKeep(), withThrottle(100_000)),
  );
  const others = [...(await at(tor)), withOutput(out)];
  const receiving = observed(receive(sending.place.invitation, ...others));
  await receiving.told('progress');
  await receiving.call.suspend();
  await sending.call.suspend();
  await expect(sending.call.done).rejects.toMatchObject({ code: 'ERR_SUSPENDED' });

  const early = observed(resumeSend(...own));
  await early.told('online');
  await early.call.suspend();
  await expect(early.call.done).rejects.toMatchObject({ code: 'ERR_SUSPENDED' });

  const resumed = observed(resumeSend(...own));
  await resumed.told('online');
  await observed(resumeReceive(undefined, ...others)).call.done;
  await resumed.told('done');
  await resumed.call.suspend();
  expect(await resumed.call.done).toMatchObject({ files: 1, bytes: 300_000 });
  expect(await interruptedSends(withDataDir(dataDir))).toEqual([]);
});
