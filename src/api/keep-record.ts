import { isResumable } from '../base/errors.js';
import type { ReceivedFiles } from '../session/receiving/destination.js';
import type { HeldRecord } from '../transfer/record/held-record.js';
import type { RecipientRecord, TransferRecord } from '../transfer/record/record.js';
import type { Work } from './handle.js';

/**
 * Does what a record stands for. Afterwards the record goes, unless what ended it leaves something
 * to go on with.
 */
export async function keepRecord<Result>(
  record: () => HeldRecord<TransferRecord> | undefined,
  work: () => Promise<Result>,
): Promise<Result> {
  let keeps = false;
  try {
    return await work();
  } catch (error) {
    keeps = isResumable(error);
    throw error;
  } finally {
    const held = record();
    if (!keeps) await held?.remove();
    await held?.[Symbol.asyncDispose]();
  }
}

/** Notes a meeting more. Never throws: the transfer itself does not depend on it. */
export async function noteGeneration(
  held: HeldRecord<TransferRecord> | undefined,
  generation: number,
  { emit }: Work,
): Promise<void> {
  if (held === undefined || held.record.generation === generation) return;
  try {
    await held.update({ generation });
  } catch {
    emit({
      event: 'warning',
      message: 'this transfer could not be resumed if it were interrupted',
    });
  }
}

/** Notes that only the receipt is missing. Never throws: everything is where it belongs. */
export async function noteComplete(
  held: HeldRecord<RecipientRecord> | undefined,
  complete: ReceivedFiles,
  { emit }: Work,
): Promise<void> {
  try {
    await held?.update({ complete });
  } catch {
    const message = 'everything has come, but that could not be noted for the sender';
    emit({ event: 'warning', message });
  }
}
