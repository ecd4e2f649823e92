import path from 'node:path';
import { fromBase64Url } from '../../base/bytes.js';
import { OnionferryError } from '../../base/errors.js';
import { parseOnionAddress } from '../../onion/address.js';
import { manifestDigest } from '../../session/conversation/encoded-manifest.js';
import type { Destination, ReceivedFiles } from '../../session/receiving/destination.js';
import { deriveJournalKey } from '../../stream/journal.js';
import { totalBytes } from '../../stream/manifest.js';
import { Ranges } from '../../stream/ranges.js';
import { openDestination } from '../../transfer/destination/destination.js';
import { nodePrimitives } from '../../transfer/node-primitives.js';
import type { HeldRecord } from '../../transfer/record/held-record.js';
import type { RecipientRecord } from '../../transfer/record/record.js';
import { openRecords } from '../../transfer/record/records.js';
import type { TransferSummary } from '../events.js';
import { type Handle, start, type Work } from '../handle.js';
import { noteComplete } from '../keep-record.js';
import { openTor } from '../open-tor.js';
import { fetch } from '../receive-files.js';
import { reachRelay } from '../relay-host.js';
import { type Option, type Settings, settle } from '../settings.js';

/** What tells one interrupted transfer from another. */
export interface Interrupted {
  readonly onion?: string | undefined;
  /** The first words of its password. */
  readonly channel?: string | undefined;
}

/**
 * Goes on with what was being received into the output folder when its process ended, without the
 * words.
 *
 * @param from the sender's address, if more than one was
 */
export function resumeReceive(
  from: string | undefined,
  ...options: readonly Option[]
): Handle<TransferSummary> {
  const settings = settle(options);
  const onion = from === undefined ? undefined : parseOnionAddress(from);
  return start(async (work) => {
    const held = await findInterrupted({ onion }, settings);
    if (held !== undefined) return await resume(held, settings, work);
    throw new OnionferryError(
      'ERR_USAGE',
      'nothing was interrupted on its way into this folder; receive it by its invitation',
    );
  }, settings.signal);
}

/** Whether there is something that `resumeReceive` would go on with. */
export async function isInterrupted(
  from: string | undefined,
  ...options: readonly Option[]
): Promise<boolean> {
  await using held = await findInterrupted({ onion: from }, settle(options));
  return held !== undefined;
}

/** The newest transfer into the output folder that no process goes on with; taken. */
export async function findInterrupted(
  { onion, channel }: Interrupted,
  { output, dataDir, logger }: Settings,
): Promise<HeldRecord<RecipientRecord> | undefined> {
  if (output.kind === 'stream') return undefined;
  const directory = path.resolve(output.directory);
  const records = await openRecords(dataDir, logger);
  return await records.find(
    'recipient',
    (record) =>
      record.directory === directory &&
      record.onion === (onion ?? record.onion) &&
      record.channel === (channel ?? record.channel),
  );
}

export async function resume(
  held: HeldRecord<RecipientRecord>,
  settings: Settings,
  work: Work,
): Promise<TransferSummary> {
  const { onion, access, channel, curve, resumption, generation } = held.record;
  const { manifest } = held.content;
  const secret = fromBase64Url(resumption) ?? new Uint8Array();
  let destination: Destination;
  try {
    destination = await reopen(held, secret, settings, work);
  } catch (error) {
    await held[Symbol.asyncDispose]();
    throw error;
  }
  work.emit({
    event: 'resuming',
    onion,
    bytes: destination.written.bytes,
    total: totalBytes(manifest),
  });
  try {
    await using open = await openTor(settings, work);
    await using place = reachRelay({
      tor: open.tor,
      onion,
      password: access,
      settings,
      emit: work.emit,
    });
    const offer = { manifest, digest: await manifestDigest(manifest, nodePrimitives), destination };
    return await open.outcome(
      fetch({
        ...{ place, onion, access, channel, curve, generation, settings },
        resumption: secret,
        met: undefined,
        begun: { held, offer },
        work: { ...work, signal: open.signal },
      }),
    );
  } catch (error) {
    // Without effect when the transfer itself has ended it.
    await destination.suspend();
    await held[Symbol.asyncDispose]();
    throw error;
  }
}

async function reopen(
  held: HeldRecord<RecipientRecord>,
  secret: Uint8Array,
  { logger }: Settings,
  work: Work,
): Promise<Destination> {
  const { directory, conflict, staging, complete } = held.record;
  const { manifest } = held.content;
  if (complete !== undefined) return committed(totalBytes(manifest), complete);
  return await openDestination({
    directory,
    manifest,
    conflict,
    logger,
    resume: {
      journal: held.journal,
      key: deriveJournalKey(secret),
      staging,
      onCommitted: (complete) => noteComplete(held, complete, work),
    },
  });
}

/** Everything is where it belongs already; only the receipt is missing. */
function committed(bytes: number, received: ReceivedFiles): Destination {
  return {
    written: new Ranges([[0, bytes]]),
    verify: () => undefined,
    write: () => Promise.resolve(),
    finish: () => Promise.resolve(received),
    suspend: () => Promise.resolve(),
    discard: () => Promise.resolve(),
  };
}
