import type { JSX } from 'preact';
import { printable } from '../../base/printable.js';
import type { Failure } from '../../pages/desktop/state.js';
import { words } from './page-words.js';

/** What went wrong, in the language of the page, and what only the program can say. */
export function FailureText({ sentence, hints, detail }: Failure): JSX.Element {
  return (
    <>
      <p>{printable(sentence)}</p>
      {hints.map((hint) => (
        <p key={hint}>{hint}</p>
      ))}
      {detail !== undefined && (
        <p class="hint">
          {words.tasks.inEnglish} <span lang="en">{printable(detail)}</span>
        </p>
      )}
    </>
  );
}
