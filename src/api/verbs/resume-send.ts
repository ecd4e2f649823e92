import { fromBase64Url } from '../../base/bytes.js';
import { hasCode, OnionferryError } from '../../base/errors.js';
import { holdIdentity } from '../../identities/hold-identity.js';
import { decodeIdentityPem } from '../../onion/pem.js';
import { totalBytes } from '../../stream/manifest.js';
import type { HeldRecord } from '../../transfer/record/held-record.js';
import type { RecordedRelay, SenderRecord } from '../../transfer/record/record.js';
import { openRecords } from '../../transfer/record/records.js';
import { type FileSource, resumedSource } from '../../transfer/source/file-source.js';
import type { TransferSummary } from '../events.js';
import { type Handle, start, type Work } from '../handle.js';
import { offer } from '../offer.js';
import { openTor } from '../open-tor.js';
import { hostRelay, type RelayHost, reachRelay } from '../relay-host.js';
import { type Option, type Settings, settle } from '../settings.js';

/** How long a recipient is waited for that can only be told that a file has changed. */
const BAD_NEWS_MS = 60_000;

/**
 * Goes on with the newest transfer whose sending process ended before its time: at the same
 * address, with the same recipient, without the words.
 */
export function resumeSend(...options: readonly Option[]): Handle<TransferSummary> {
  const settings = settle(options);
  return start(async (work) => {
    const records = await openRecords(settings.dataDir, settings.logger);
    const held = await records.find('sender');
    if (held === undefined) {
      throw new OnionferryError(
        'ERR_USAGE',
        'no transfer was interrupted here; send what is to be sent anew',
      );
    }
    let hold: AsyncDisposable | undefined;
    try {
      hold = await holdOf(held.record.relay, settings);
      return await resume(held, settings, work);
    } finally {
      await hold?.[Symbol.asyncDispose]();
      await held[Symbol.asyncDispose]();
    }
  }, settings.signal);
}

async function resume(
  held: HeldRecord<SenderRecord>,
  settings: Settings,
  work: Work,
): Promise<TransferSummary> {
  await using source = resumedSource(held.content);
  const changed = await changeIn(source);
  if (changed !== undefined) work.emit({ event: 'warning', message: changed.message });
  await using open = await openTor(settings, work);
  const during = { ...work, signal: open.signal };
  await using place = await openPlace(held.record.relay, open.tor, settings, during);
  const total = totalBytes(source.manifest);
  work.emit({ event: 'resuming', onion: place.onion, bytes: null, total });
  const { channel, curve, resumption, generation } = held.record;
  return await open.outcome(
    offer({
      ...{ place, channel, curve, generation, source, settings, work: during },
      resumption: fromBase64Url(resumption) ?? new Uint8Array(),
      meeting: undefined,
      begun: held,
      ...(changed !== undefined && { awayMaxMs: BAD_NEWS_MS }),
    }),
  );
}

async function changeIn(source: FileSource): Promise<OnionferryError | undefined> {
  try {
    await source.verifyUnchanged();
    return undefined;
  } catch (error) {
    if (hasCode(error, 'ERR_SOURCE_CHANGED', 'ERR_SOURCE')) return error;
    throw error;
  }
}

/** Nobody else may publish the address meanwhile. */
async function holdOf(
  place: RecordedRelay,
  { dataDir }: Settings,
): Promise<AsyncDisposable | undefined> {
  if (place.kind !== 'own' || place.identityName === undefined) return undefined;
  const hold = await holdIdentity(dataDir, place.identityName, 'send');
  if (hold.held) return { [Symbol.asyncDispose]: () => hold.release() };
  throw new OnionferryError(
    'ERR_IDENTITY_BUSY',
    `the identity "${place.identityName}" is in use by ${hold.holder}; end that to go on with this transfer`,
  );
}

async function openPlace(
  recorded: RecordedRelay,
  tor: Parameters<typeof hostRelay>[0]['tor'],
  settings: Settings,
  { emit, signal }: Work,
): Promise<RelayHost> {
  if (recorded.kind === 'other') {
    const { onion, access } = recorded;
    return reachRelay({ tor, onion, password: access, settings, emit });
  }
  return await hostRelay({
    tor,
    identity: decodeIdentityPem(recorded.key),
    door: recorded.access,
    remoteSenders: false,
    limits: { lifetimeMs: Number.POSITIVE_INFINITY },
    settings,
    signal,
  });
}
