import { fromBase64Url } from '../../base/bytes.js';
import { asOnionferryError, hasCode, OnionferryError } from '../../base/errors.js';
import { holdIdentity } from '../../identities/hold-identity.js';
import { decodeIdentityPem } from '../../onion/pem.js';
import { generatePassword } from '../../pake/password.js';
import { totalBytes } from '../../stream/manifest.js';
import type { Tor } from '../../tor/instance/tor.js';
import type { HeldRecord } from '../../transfer/record/held-record.js';
import { isSameRelay } from '../../transfer/record/interrupted-sends.js';
import type { KeptOffer, RecordedRelay, SenderRecord } from '../../transfer/record/record.js';
import { openRecords } from '../../transfer/record/records.js';
import { type FileSource, fileSource, resumedSource } from '../../transfer/source/file-source.js';
import { type Door, doorOfIdentity, OPEN, showKey } from '../door.js';
import type { TransferSummary } from '../events.js';
import { type Handle, start, type Work } from '../handle.js';
import { openTor } from '../open-tor.js';
import { usageError } from '../options.js';
import { emitOf } from '../progress.js';
import type { Option, Settings } from '../settings.js';
import { identityBusy } from '../take-identity.js';
import { concernsOneRecipient, endOf } from '../transfers/ends.js';
import { remainingMs } from '../transfers/kept-offer.js';
import { RECIPIENTS_MAX } from '../transfers/offered.js';
import { hostRelay, type RelayHost, reachRelay } from '../transfers/relay-host.js';
import { type SendFilesOptions, sendFiles } from '../transfers/send-files.js';
import { serveRecipients } from '../transfers/serve-recipients.js';
import { settingsFor } from '../verb-options.js';

/** How long to wait for a recipient if a file has changed, only to say so. */
const BAD_NEWS_MS = 60_000;

/**
 * Resumes the newest transfer whose sending process ended too early, and all others that were begun
 * at the same address: with the same recipients, side by side, without the words. If that process
 * was serving any number (`withKeep`), others are let in again, with a new password, until its expiry.
 *
 * @example
 * ```ts
 * const sending = resumeSend();
 * sending.on('waiting', ({ reason }) => console.log(reason));
 * await sending.done;
 * ```
 */
export function resumeSend(...options: readonly Option<'resumeSend'>[]): Handle<TransferSummary> {
  const settings = settingsFor('resumeSend', options);
  return start(async (work) => {
    await using records = await takeRecords(settings);
    const [newest] = records.taken;
    if (newest === undefined) {
      throw usageError('there is no interrupted transfer to resume; send the files again');
    }
    const hold = await holdOf(newest.record.relay, settings);
    try {
      return await resume(records.taken, newest.record.relay, settings, work);
    } finally {
      await hold?.[Symbol.asyncDispose]();
    }
  }, settings.signal);
}

interface TakenRecords extends AsyncDisposable {
  /** The newest first; all of one address */
  readonly taken: readonly HeldRecord<SenderRecord>[];
}

async function takeRecords({ dataDir, logger, interrupted }: Settings): Promise<TakenRecords> {
  const records = await openRecords(dataDir, logger);
  const taken: HeldRecord<SenderRecord>[] = [];
  const release = async (): Promise<void> => {
    for (const record of taken) await record[Symbol.asyncDispose]();
  };
  try {
    while (taken.length < RECIPIENTS_MAX) {
      const [newest] = taken;
      const next = await records.find(
        'sender',
        ({ id, relay }) =>
          (interrupted?.includes(id) ?? true) &&
          (newest === undefined || isSameRelay(relay, newest.record.relay)),
      );
      if (next === undefined) break;
      taken.push(next);
    }
    return { taken, [Symbol.asyncDispose]: release };
  } catch (error) {
    await release();
    throw error;
  }
}

async function resume(
  records: readonly HeldRecord<SenderRecord>[],
  recorded: RecordedRelay,
  settings: Settings,
  work: Work,
): Promise<TransferSummary> {
  await using open = await openTor(settings, work);
  const during = { ...work, signal: open.signal };
  await using relay = await reopenRelay(recorded, open.tor, settings, during);
  const several = records.length > 1 || records[0]?.record.keep !== undefined;
  const here = new Set<number>();
  const resuming = records.map(async (record, index) => {
    const emit = several ? emitOf(during, index + 1) : during.emit;
    return await resumeOne(record, settings, {
      relay: {
        ...{ onion: relay.onion, door: relay.door, client: relay.client },
        renewCircuits: () => relay.renewCircuits(),
        // Waking tor ends all its connections.
        wake: async () => (here.size > 0 ? undefined : await relay.wake()),
      },
      onStreams: (streams) => {
        if (streams > 0) here.add(index);
        else here.delete(index);
      },
      work: { ...during, emit },
    });
  });
  const rest = lastOf(resuming, several, during);
  const newest = records[0]?.record;
  const kept = newest?.keep;
  const expiryMs = kept && remainingMs(kept, Date.now());
  if (newest === undefined || kept === undefined || expiryMs === 0) return await open.outcome(rest);
  // Told when it happens; the sender goes on in any case.
  rest.catch(() => undefined);
  try {
    const offered = { ...settings, expiryMs };
    return await open.outcome(serveOthers(newest, kept, relay, records.length, offered, during));
  } catch (error) {
    if (hasCode(error, 'ERR_SUSPENDED') && error === during.signal.reason) {
      return await resumedSoFar(resuming);
    }
    // Nobody else came in time, which says nothing about those who were there before.
    if (during.signal.aborted || !hasCode(error, 'ERR_TIMEOUT')) throw error;
    return await open.outcome(rest);
  } finally {
    await Promise.allSettled(resuming);
  }
}

/**
 * What a service has resumed that is suspended with nobody new to serve.
 *
 * @throws OnionferryError ERR_SUSPENDED if a later process can resume any of it
 */
async function resumedSoFar(
  resuming: readonly Promise<TransferSummary>[],
): Promise<TransferSummary> {
  let last: TransferSummary = { bytes: 0, files: 0, seconds: 0, circuits: 0 };
  for (const end of await Promise.allSettled(resuming)) {
    if (end.status === 'fulfilled') last = end.value;
    else if (hasCode(end.reason, 'ERR_SUSPENDED')) throw end.reason;
  }
  return last;
}

/** Lets others in again, with new words: those of before are kept nowhere. */
async function serveOthers(
  { relay: recorded, source: { paths }, curve }: SenderRecord,
  kept: KeptOffer,
  relay: RelayHost,
  numbered: number,
  settings: Settings,
  work: Work,
): Promise<TransferSummary> {
  const others =
    recorded.kind === 'own' ? undefined : { onion: recorded.onion, password: recorded.access };
  const fresh = generatePassword();
  return await serveRecipients({
    ...{ relay, numbered, work, isMuch: false, hasOwnSources: true },
    password: others === undefined ? { ...fresh, access: recorded.access } : fresh,
    offer: async () => {
      const source = await fileSource(paths, { ...kept, signal: work.signal });
      const origin = { relay: recorded, paths, source, keep: kept };
      return { source, origin, release: async () => await source[Symbol.asyncDispose]() };
    },
    settings: { ...settings, curve, keep: true, relay: others },
  });
}

/** Waits for all of them. One that fails does not end the others. */
async function lastOf(
  resuming: readonly Promise<TransferSummary>[],
  several: boolean,
  { signal, emit }: Work,
): Promise<TransferSummary> {
  let last: TransferSummary | undefined;
  let failure: unknown;
  await Promise.all(
    resuming.map((one) =>
      one.then(
        (summary) => {
          last = summary;
        },
        (error: unknown) => {
          failure ??= error;
          if (!several || signal.aborted || !(error instanceof OnionferryError)) return;
          emit({ event: 'warning', message: error.message });
        },
      ),
    ),
  );
  signal.throwIfAborted();
  if (last !== undefined) return last;
  throw asOnionferryError(failure, 'ERR_INTERNAL', 'the transfers failed');
}

async function resumeOne(
  record: HeldRecord<SenderRecord>,
  settings: Settings,
  { relay, onStreams, work }: Pick<SendFilesOptions, 'relay' | 'onStreams' | 'work'>,
): Promise<TransferSummary> {
  const { channel, curve, resumption, generation } = record.record;
  await using source = resumedSource(record.content);
  const changed = await changeIn(source);
  if (changed !== undefined) work.emit({ event: 'warning', message: changed.message });
  const total = totalBytes(source.manifest);
  work.emit({ event: 'resuming', onion: relay.onion, bytes: null, total });
  try {
    return await sendFiles({
      ...{ relay, channel, curve, generation, source, record, settings, work },
      onStreams,
      resumption: fromBase64Url(resumption) ?? new Uint8Array(),
      awayMaxMs: changed === undefined ? undefined : BAD_NEWS_MS,
    });
  } catch (error) {
    const failure = asOnionferryError(error, 'ERR_INTERNAL', 'a transfer failed');
    if (concernsOneRecipient(endOf(failure))) work.emit({ event: 'peer', state: 'left' });
    throw error;
  }
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
    const { onion, clientKey } = recorded;
    const key = await showKey(tor, onion, clientKey);
    const relay = reachRelay({ tor, onion, clientKey, password, settings, emit });
    return {
      ...relay,
      async [Symbol.asyncDispose](): Promise<void> {
        await relay[Symbol.asyncDispose]();
        await key[Symbol.asyncDispose]();
      },
    };
  }
  return await hostRelay({
    ...{ tor, password, settings, signal, door: await doorOf(recorded, settings) },
    identity: decodeIdentityPem(recorded.key),
    limits: { lifetimeMs: Number.POSITIVE_INFINITY },
  });
}

/** As before; of an identity with clients those that it admits now. */
async function doorOf(
  { clientKey, identityName }: Extract<RecordedRelay, { kind: 'own' }>,
  { dataDir }: Settings,
): Promise<Door> {
  if (clientKey !== undefined) return { kind: 'shared-key', key: clientKey };
  if (identityName === undefined) return OPEN;
  return (await doorOfIdentity(dataDir, identityName)) ?? OPEN;
}
