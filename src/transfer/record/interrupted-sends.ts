import type { RecordedRelay, SenderRecord } from './record.js';
import type { ListedRecord } from './records.js';

/** What was being sent at one address when its process ended, to one recipient or to several. */
export interface InterruptedSend {
  /** Of its records, one for each recipient; the newest first */
  readonly ids: readonly string[];
  /** When the newest was begun, ISO 8601 */
  readonly since: string;
  /** Absolute, each once */
  readonly paths: readonly string[];
}

/** Those that no process works with, the newest first. @param listed the oldest first */
export function interruptedSends(listed: readonly ListedRecord[]): InterruptedSend[] {
  const groups: [SenderRecord, ...SenderRecord[]][] = [];
  for (const { record, free } of listed.toReversed()) {
    if (!free || record.kind !== 'sender') continue;
    const group = groups.find(([newest]) => isSameRelay(newest.relay, record.relay));
    if (group === undefined) groups.push([record]);
    else group.push(record);
  }
  return groups.map((group) => ({
    ids: group.map(({ id }) => id),
    since: group[0].createdAt,
    paths: [...new Set(group.flatMap(({ source }) => source.paths))],
  }));
}

/** Whether both wait at one address, which only one process can publish. */
export function isSameRelay(one: RecordedRelay, other: RecordedRelay): boolean {
  if (one.access !== other.access) return false;
  if (one.kind === 'own') return other.kind === 'own' && one.key === other.key;
  return other.kind === 'other' && one.onion === other.onion;
}
