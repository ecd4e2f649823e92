import {
  type InterruptedSend,
  interruptedSends as sendsAmong,
} from '../transfer/record/interrupted-sends.js';
import { openRecords } from '../transfer/record/records.js';
import type { Option } from './settings.js';
import { settingsFor } from './verb-options.js';

export type { InterruptedSend };

/** What `resumeSend` can go on with, the newest first. @throws OnionferryError ERR_DATA_DIRECTORY */
export async function interruptedSends(
  ...options: readonly Option<'resumeSend'>[]
): Promise<InterruptedSend[]> {
  const { dataDir, logger } = settingsFor('resumeSend', options);
  const records = await openRecords(dataDir, logger);
  return sendsAmong(await records.list());
}

/** Resumes these and no others, whatever has been interrupted since. @param ids of their records */
export function withInterrupted(ids: readonly string[]): Option<'resumeSend' | 'resumeReceive'> {
  return (settings) => {
    settings.interrupted = ids;
  };
}
