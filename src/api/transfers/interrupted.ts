import path from 'node:path';
import { fromBase64Url } from '../../base/bytes.js';
import { manifestDigest } from '../../session/conversation/encoded-manifest.js';
import type { Destination, ReceivedFiles } from '../../session/receiving/destination.js';
import { deriveJournalKey } from '../../stream/journal.js';
import { totalBytes } from '../../stream/manifest.js';
import { Ranges } from '../../stream/ranges.js';
import { openDestination } from '../../transfer/destination/destination.js';
import { selectFrom } from '../../transfer/destination/selection.js';
import { nodePrimitives } from '../../transfer/node-primitives.js';
import type { HeldRecord } from '../../transfer/record/held-record.js';
import type { RecipientRecord } from '../../transfer/record/record.js';
import { openRecords } from '../../transfer/record/records.js';
import { showKey } from '../door.js';
import type { ReceiveSummary } from '../events.js';
import type { Work } from '../handle.js';
import { openTor } from '../open-tor.js';
import type { Settings } from '../settings.js';
import { EarlyDial, keyFor } from './early-dial.js';
import { noteComplete, receiveFiles, removeIfGivenUp } from './receive-files.js';
import { reachRelay } from './relay-host.js';

/** Which interrupted transfer is meant; any if empty. */
export interface Interrupted {
  readonly onion?: string | undefined;
  /** The access words of its password. */
  readonly channel?: string | undefined;
}

/** Takes the newest transfer into the output folder that no process is receiving. */
export async function findInterrupted(
  { onion, channel }: Interrupted,
  { output, dataDir, logger, interrupted }: Settings,
): Promise<HeldRecord<RecipientRecord> | undefined> {
  if (output.kind === 'stream') return undefined;
  const directory = path.resolve(output.directory);
  const records = await openRecords(dataDir, logger);
  return await records.find(
    'recipient',
    (record) =>
      (interrupted?.includes(record.id) ?? true) &&
      record.directory === directory &&
      record.onion === (onion ?? record.onion) &&
      record.channel === (channel ?? record.channel),
  );
}

/** Receives the rest of an interrupted transfer; takes over the record. */
export async function resumeInterrupted(
  record: HeldRecord<RecipientRecord>,
  settings: Settings,
  work: Work,
): Promise<ReceiveSummary> {
  const { onion, access, channel, curve, resumption, generation } = record.record;
  const { manifest } = record.content;
  const secret = fromBase64Url(resumption) ?? new Uint8Array();
  let destination: Destination | undefined;
  try {
    destination = await reopen(record, secret, settings, work);
    using _ = removeIfGivenUp(record.record.staging, work.signal, destination);
    const { written, unwanted = 0 } = destination;
    const bytes = written.bytes - unwanted;
    work.emit({ event: 'resuming', onion, bytes, total: totalBytes(manifest) - unwanted });
    const clientKey = keyFor(onion, settings, record.record.clientKey);
    using early = new EarlyDial(onion, settings, clientKey);
    await using open = await openTor(settings, work, (socks) => early.begin(socks));
    const { tor } = open;
    const { emit } = work;
    const { isolation } = early;
    await using _key = await showKey(tor, onion, clientKey);
    const reached = { tor, onion, clientKey, password: access, settings, emit, isolation };
    await using relay = reachRelay(reached);
    const offer = { manifest, digest: await manifestDigest(manifest, nodePrimitives), destination };
    return await open.outcome(
      receiveFiles({
        ...{ relay, access, channel, curve, generation, settings },
        resumption: secret,
        resumed: { record, offer },
        work: { emit, signal: open.signal },
      }),
    );
  } catch (error) {
    // Both without effect if the transfer itself has ended them.
    await destination?.suspend();
    await record[Symbol.asyncDispose]();
    throw error;
  }
}

async function reopen(
  record: HeldRecord<RecipientRecord>,
  secret: Uint8Array,
  settings: Settings,
  work: Work,
): Promise<Destination> {
  const { directory, conflict, only, as, xattrs, staging, complete } = record.record;
  const { manifest } = record.content;
  if (complete !== undefined) {
    const { unwanted } = await selectFrom(manifest, only);
    return completed(totalBytes(manifest), unwanted.bytes, complete);
  }
  if (settings.only.join('\0') !== (only ?? []).join('\0')) {
    const before = only === undefined ? 'without --only' : `with --only ${only.join(', ')}`;
    const message = `the interrupted transfer was begun ${before}, and resumes so`;
    work.emit({ event: 'warning', message });
  }
  return await openDestination({
    directory,
    manifest,
    only,
    as,
    conflict,
    xattrs,
    logger: settings.logger,
    resume: {
      journal: record.journal,
      key: deriveJournalKey(secret),
      staging,
      onCommitted: (complete) => noteComplete(record, complete, { settings, work }),
    },
  });
}

/** Every file has its final name already; only the receipt is missing. */
function completed(bytes: number, unwanted: number, received: ReceivedFiles): Destination {
  return {
    unwanted,
    written: new Ranges([[0, bytes]]),
    verify: () => undefined,
    write: () => Promise.resolve(),
    finish: () => Promise.resolve(received),
    suspend: () => Promise.resolve(),
    discard: () => Promise.resolve(),
  };
}
