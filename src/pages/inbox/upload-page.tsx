import type { JSX } from 'preact';
import { Button } from '../design/button.js';
import { Field, Progress } from '../design/field.js';
import { Page } from '../design/layout.js';
import { Notice } from '../design/notice.js';
import { useWords } from '../design/use-words.js';
import type { Words } from '../words/words.js';
import type { Kinds } from './kinds.js';
import type { InboxLimits } from './limits.js';

interface UploadFormProps {
  readonly limits: InboxLimits;
  readonly kinds: Kinds | undefined;
  readonly takesNotes: boolean;
  /** Proves that a form is ours */
  readonly token: string;
}

export interface UploadPageProps extends UploadFormProps {
  /** Whether the inbox accepts no more uploads */
  readonly isFull: boolean;
}

/** The upload form. It also works without scripts. */
export function UploadPage({ isFull, ...form }: UploadPageProps): JSX.Element {
  const { title, lead, closed } = useWords().inbox;
  return (
    <Page title={title} scripts={isFull ? [] : ['upload.js']}>
      <h1>{title}</h1>
      <p class="lead">{lead}</p>
      {isFull ? (
        <Notice kind="careful" title={closed.title}>
          <p>{closed.sentence}</p>
        </Notice>
      ) : (
        <>
          {/* The script shows errors here. */}
          <div id="upload-refused" tabIndex={-1} hidden>
            <Notice kind="bad">
              <p id="upload-refused-title" class="notice-title" />
              <p id="upload-refused-sentence" />
            </Notice>
          </div>
          <UploadForm {...form} />
        </>
      )}
    </Page>
  );
}

/** The script relies on these ids and data attributes. */
function UploadForm({ limits, kinds, takesNotes, token }: UploadFormProps): JSX.Element {
  const { inbox } = useWords();
  const accepted = kinds !== undefined && 'accept' in kinds ? kinds.accept : undefined;
  return (
    <form
      id="upload"
      class="sheet inset"
      method="post"
      action="/"
      encType="multipart/form-data"
      data-limits={JSON.stringify(limits)}
      data-kinds={kinds && JSON.stringify(kinds)}
    >
      {/* Must come first: the server saves what follows only if the token is right. */}
      <input type="hidden" name="token" value={token} />
      <fieldset id="upload-choice" class="stack">
        <Field id="files" label={inbox.files} hint={filesHint(limits, kinds, inbox)}>
          <input
            type="file"
            id="files"
            name="files"
            multiple
            accept={accepted?.map((extension) => `.${extension.replace(/^\./, '')}`).join(',')}
            aria-describedby="files-hint"
          />
        </Field>
        <Field id="folder" label={inbox.folder} hint={inbox.folderHint}>
          {/* Supported by all browsers, but in no standard, so the types lack it. */}
          <input
            type="file"
            id="folder"
            name="folder"
            multiple
            {...{ webkitdirectory: true }}
            aria-describedby="folder-hint"
          />
        </Field>
        {/* The script lists here what was chosen. */}
        <ul id="chosen" class="chosen" aria-label={inbox.chosen} hidden />
        {takesNotes && (
          <Field id="note" label={inbox.note} hint={inbox.noteHint}>
            <textarea id="note" name="note" rows={4} aria-describedby="note-hint" />
          </Field>
        )}
        <div class="row">
          <Button>{inbox.submit}</Button>
          <p class="hint">{inbox.patience}</p>
        </div>
      </fieldset>
      <div id="upload-running" class="stack" hidden>
        <Progress id="progress" label={inbox.progress} />
        <p id="upload-status" class="hint" role="status" aria-live="polite" />
        <p class="hint">{inbox.continues}</p>
        <Button id="upload-cancel" type="button" look="quiet">
          {inbox.cancel}
        </Button>
      </div>
    </form>
  );
}

function filesHint(limits: InboxLimits, kinds: Kinds | undefined, words: Words['inbox']): string {
  const { filesHint: any, filesAtOnce, perFile, perUpload, ...inbox } = words;
  const { bytesPerFile, bytesPerUpload, filesPerUpload } = limits;
  return [
    Number.isFinite(filesPerUpload) && filesPerUpload < MANY_FILES
      ? filesAtOnce(filesPerUpload)
      : any,
    Number.isFinite(bytesPerFile) && perFile(bytesPerFile),
    Number.isFinite(bytesPerUpload) && perUpload(bytesPerUpload),
    kinds !== undefined &&
      ('accept' in kinds ? inbox.kindsAccepted(kinds.accept) : inbox.kindsDenied(kinds.deny)),
  ]
    .filter((sentence) => sentence !== false)
    .join(' ');
}

/** Nobody chooses more by hand, so a higher limit is not worth mentioning. */
const MANY_FILES = 1000;
