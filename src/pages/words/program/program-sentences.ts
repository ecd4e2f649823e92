import type { ErrorCode } from '../../../base/errors.js';

/** What the program says in English, in another language. */
export interface ProgramSentences {
  /** What each error means, and what to do */
  readonly byCode: Readonly<Record<ErrorCode, string>>;
  /** Beside each error of Tor */
  readonly torHint: string;
  /**
   * Sentences that say more than their code. In English `{}` stands for what differs, in the other
   * language `{1}` for the first of these.
   */
  readonly known: Readonly<Record<string, string>>;
}

/** @returns undefined if the sentence is none of those that are known */
export function translated(
  message: string,
  { known }: Pick<ProgramSentences, 'known'>,
): string | undefined {
  if (Object.hasOwn(known, message)) return known[message];
  for (const [pattern, text] of Object.entries(known)) {
    const parts = partsOf(message, pattern.split('{}'));
    if (parts === undefined) continue;
    return text.replace(/\{(\d)\}/g, (_, number: string) => parts[Number(number) - 1] ?? '');
  }
  return undefined;
}

/** What stands between the pieces, if the message is made of them in this order. */
function partsOf(
  message: string,
  [first = '', ...pieces]: readonly string[],
): string[] | undefined {
  if (pieces.length === 0 || !message.startsWith(first)) return undefined;
  const parts: string[] = [];
  let from = first.length;
  for (const [index, piece] of pieces.entries()) {
    const isLast = index === pieces.length - 1;
    const at = isLast ? message.length - piece.length : message.indexOf(piece, from);
    if (at < from || !message.startsWith(piece, at)) return undefined;
    parts.push(message.slice(from, at));
    from = at + piece.length;
  }
  return parts;
}
