import type { JSX } from 'preact';
import { printable } from '../../base/printable.js';
import { useWords } from '../design/use-words.js';
import { FailurePage } from '../server/error-page.js';
import type { Words } from '../words/words.js';
import type { UploadRefusalReason } from './upload-refusal.js';

/** Enough of a name to recognize the file, in UTF-16 code units */
const NAME_SHOWN_MAX = 120;

export interface RefusedPageProps {
  readonly reason: UploadRefusalReason;
}

/** Says why an upload was refused. */
export function RefusedPage({ reason }: RefusedPageProps): JSX.Element {
  const wording = useWords();
  const { back } = wording.inbox.refused;
  return <FailurePage {...{ ...refusalText(reason, wording), back }} />;
}

export function refusalText(
  reason: UploadRefusalReason,
  { inbox: { refused } }: Words,
): { title: string; sentence: string } {
  return { title: refused.title[reason.kind], sentence: sentenceFor(reason, refused) };
}

function sentenceFor(reason: UploadRefusalReason, refused: Words['inbox']['refused']): string {
  if (reason.kind === 'file-too-large')
    return refused[reason.kind](shown(reason.name), reason.limit);
  if ('limit' in reason) return refused[reason.kind](reason.limit);
  if ('name' in reason) return refused[reason.kind](shown(reason.name));
  return refused[reason.kind];
}

function shown(name: string): string {
  const start = name.length > NAME_SHOWN_MAX ? `${name.slice(0, NAME_SHOWN_MAX)}…` : name;
  return printable(start);
}
