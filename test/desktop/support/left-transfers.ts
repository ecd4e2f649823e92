import { toBase64Url } from '../../../src/base/bytes.js';
import { silentLogger } from '../../../src/base/logger.js';
import { parseOnionAddress } from '../../../src/onion/address.js';
import type { Unrecorded } from '../../../src/transfer/record/held-record.js';
import type { SenderRecord, TransferRecord } from '../../../src/transfer/record/record.js';
import { openRecords } from '../../../src/transfer/record/records.js';
import { filesOf } from '../../transfer/destination/resumable.js';

export const ONION = parseOnionAddress(
  'duckduckgogg42xjoc72x3sjasowoarfbgcmvfimaftt6twagswzczad.onion',
);

const content = { manifest: filesOf([1]), identities: new Map<number, never>() };
const resumption = toBase64Url(new Uint8Array(32));

/** What records of both sides have. */
export const common = { channel: 'abacus', curve: 'p256', resumption, generation: 0 } as const;

export function sending(...paths: readonly string[]): Unrecorded<SenderRecord> {
  const relay = { kind: 'own', key: 'k', access: 'a' } as const;
  return { kind: 'sender', ...common, relay, source: { paths } };
}

/** Writes the record of a transfer whose process has ended. @returns its id */
export async function leaveTransfer<R extends TransferRecord>(
  dataDir: string,
  fields: Unrecorded<R>,
): Promise<string> {
  const records = await openRecords(dataDir, silentLogger);
  await using reserved = await records.reserve(content);
  await using held = await reserved.create(fields);
  return held.record.id;
}
