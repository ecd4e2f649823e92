import { parseOnionAddress } from '../../onion/address.js';
import type { TransferSummary } from '../events.js';
import { type Handle, start } from '../handle.js';
import { applyOptions, type Option, usageError } from '../options.js';
import { findInterrupted, resumeInterrupted } from '../transfers/interrupted.js';

/**
 * Resumes what was being received into the output folder when its process ended, without the words.
 *
 * @param from the sender's address, to choose among several
 */
export function resumeReceive(
  from: string | undefined,
  ...options: readonly Option[]
): Handle<TransferSummary> {
  const settings = applyOptions(options);
  const onion = from === undefined ? undefined : parseOnionAddress(from);
  return start(async (work) => {
    const record = await findInterrupted({ onion }, settings);
    if (record !== undefined) return await resumeInterrupted(record, settings, work);
    throw usageError('there is no interrupted transfer into this folder; use its invitation');
  }, settings.signal);
}

/** Whether `resumeReceive` would find something to resume. */
export async function isInterrupted(
  from: string | undefined,
  ...options: readonly Option[]
): Promise<boolean> {
  await using record = await findInterrupted({ onion: from }, applyOptions(options));
  return record !== undefined;
}
