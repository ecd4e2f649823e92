import { STREAM_NUMBERS } from '../../relay-protocol/wire.js';

/** The first stream of a meeting, over which the offer is made. */
const FIRST = 0;
/** Streams that the recipient adds count up from the first; those that replace it, from here. */
const REPLACEMENTS_FIRST: number = STREAM_NUMBERS / 2;

/** Both sides try the same numbers by themselves, one after the other, until one stream lasts. */
export function leadNumber(attempt: number): number {
  return attempt === 0 ? FIRST : REPLACEMENTS_FIRST + attempt;
}

/** Whether a recipient may ask for this number. */
export function isAdded(number: number): boolean {
  return number > FIRST && number < REPLACEMENTS_FIRST;
}
