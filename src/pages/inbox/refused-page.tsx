import type { JSX } from 'preact';
import { printable } from '../../base/printable.js';
import { LinkButton } from '../design/button.js';
import { Page } from '../design/layout.js';
import { wording } from '../wording.js';
import type { UploadRefusalReason } from './upload-refusal.js';

/** Enough of a name to recognize the file, in UTF-16 code units */
const NAME_SHOWN_MAX = 120;

export interface RefusedPageProps {
  readonly reason: UploadRefusalReason;
}

/** Says why an upload was refused. */
export function RefusedPage({ reason }: RefusedPageProps): JSX.Element {
  const { refused } = wording.inbox;
  const title = refused.title[reason.kind];
  return (
    <Page title={title}>
      <div class="error">
        <h1>{title}</h1>
        <p class="lead">{sentenceFor(reason)}</p>
        <p>
          <LinkButton href="/" look="quiet">
            {refused.back}
          </LinkButton>
        </p>
      </div>
    </Page>
  );
}

function sentenceFor(reason: UploadRefusalReason): string {
  const { refused } = wording.inbox;
  switch (reason.kind) {
    case 'file-too-large':
      return refused.fileTooLarge(shown(reason.name), reason.limit);
    case 'upload-too-large':
      return refused.uploadTooLarge(reason.limit);
    case 'too-many-files':
      return refused.tooManyFiles(reason.limit);
    case 'note-too-long':
      return refused.noteTooLong(reason.limit);
    case 'kind-refused':
      return refused.kindRefused(shown(reason.name));
    case 'name-refused':
      return refused.nameRefused(shown(reason.name));
    default:
      return refused[reason.kind];
  }
}

function shown(name: string): string {
  const start = name.length > NAME_SHOWN_MAX ? `${name.slice(0, NAME_SHOWN_MAX)}…` : name;
  return printable(start);
}
