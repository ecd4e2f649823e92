import { printable } from '../../base/printable.js';
import type { Listed, Manifest } from '../../stream/manifest.js';

/** Names in one sentence; beyond it they are counted. */
const NAMED_MAX = 20;

/** What the sender says about its offer, a sentence each, safe to print. */
export function senderNotes({ leftOut, escaped }: Manifest): string[] {
  const notes: string[] = [];
  if (leftOut !== undefined) {
    const what = leftOut.count === 1 ? '1 entry was' : `${leftOut.count} entries were`;
    notes.push(`${what} left out by the sender: ${named(leftOut)}`);
  }
  if (escaped !== undefined) {
    const what = escaped.count === 1 ? '1 name is' : `${escaped.count} names are`;
    notes.push(`${what} not UTF-8 at the sender's, and % stands for such bytes: ${named(escaped)}`);
  }
  return notes;
}

function named({ count, paths }: Listed): string {
  const shown = paths.slice(0, NAMED_MAX).map((path) => printable(path.join('/')));
  const more = count - shown.length;
  return [...shown, ...(more > 0 ? [`${more} more`] : [])].join(', ');
}
