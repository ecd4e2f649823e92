import { fromBase64Url } from '../../base/bytes.js';
import { hasCode, type OnionferryError } from '../../base/errors.js';
import { holdIdentity } from '../../identities/hold-identity.js';
import { decodeIdentityPem } from '../../onion/pem.js';
import { totalBytes } from '../../stream/manifest.js';
import type { Tor } from '../../tor/instance/tor.js';
import type { HeldRecord } from '../../transfer/record/held-record.js';
import type { RecordedRelay, SenderRecord } from '../../transfer/record/record.js';
import { openRecords } from '../../transfer/record/records.js';
import { type FileSource, resumedSource } from '../../transfer/source/file-source.js';
import type { TransferSummary } from '../events.js';
import { type Handle, start, type Work } from '../handle.js';
import { openTor } from '../open-tor.js';
import { applyOptions, type Option, type Settings, usageError } from '../options.js';
import { identityBusy } from '../take-identity.js';
import { hostRelay, type RelayHost, reachRelay } from '../transfers/relay-host.js';
import { sendFiles } from '../transfers/send-files.js';

/** How long to wait for a recipient if a file has changed, only to say so. */
const BAD_NEWS_MS = 60_000;

/**
 * Resumes the newest transfer whose sending process ended too early: at the same address, with the
 * same recipient, without the words.
 */
export function resumeSend(...options: readonly Option[]): Handle<TransferSummary> {
  const settings = applyOptions(options);
  return start(async (work) => {
    const records = await openRecords(settings.dataDir, settings.logger);
    const record = await records.find('sender');
    if (record === undefined) {
      throw usageError('there is no interrupted transfer to resume; send the files again');
    }
    let hold: AsyncDisposable | undefined;
    try {
      hold = await holdOf(record.record.relay, settings);
      return await resume(record, settings, work);
    } finally {
      await hold?.[Symbol.asyncDispose]();
      await record[Symbol.asyncDispose]();
    }
  }, settings.signal);
}

async function resume(
  record: HeldRecord<SenderRecord>,
  settings: Settings,
  work: Work,
): Promise<TransferSummary> {
  const { relay: recorded, channel, curve, resumption, generation } = record.record;
  await using source = resumedSource(record.content);
  const changed = await changeIn(source);
  if (changed !== undefined) work.emit({ event: 'warning', message: changed.message });
  await using open = await openTor(settings, work);
  const during = { ...work, signal: open.signal };
  await using relay = await reopenRelay(recorded, open.tor, settings, during);
  const total = totalBytes(source.manifest);
  work.emit({ event: 'resuming', onion: relay.onion, bytes: null, total });
  return await open.outcome(
    sendFiles({
      ...{ relay, channel, curve, generation, source, record, settings, work: during },
      resumption: fromBase64Url(resumption) ?? new Uint8Array(),
      awayMaxMs: changed === undefined ? undefined : BAD_NEWS_MS,
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

/** Keeps other processes from publishing the address meanwhile. */
async function holdOf(
  recorded: RecordedRelay,
  { dataDir }: Settings,
): Promise<AsyncDisposable | undefined> {
  if (recorded.kind !== 'own' || recorded.identityName === undefined) return undefined;
  const hold = await holdIdentity(dataDir, recorded.identityName, 'send');
  if (hold.held) return { [Symbol.asyncDispose]: () => hold.release() };
  throw identityBusy(recorded.identityName, hold.holder, 'stop that to resume this transfer');
}

async function reopenRelay(
  recorded: RecordedRelay,
  tor: Tor,
  settings: Settings,
  { emit, signal }: Work,
): Promise<RelayHost> {
  const { access: password } = recorded;
  if (recorded.kind === 'other') {
    return reachRelay({ tor, onion: recorded.onion, password, settings, emit });
  }
  return await hostRelay({
    ...{ tor, password, settings, signal },
    identity: decodeIdentityPem(recorded.key),
    remoteSenders: false,
    limits: { lifetimeMs: Number.POSITIVE_INFINITY },
  });
}
