import type { JSX } from 'preact';
import { Button } from '../design/button.js';
import { Field, Progress } from '../design/field.js';
import { useWords } from '../design/use-words.js';
import { TransferPage } from './transfer-page.js';

export interface SendPageProps {
  /** The password this request came with: the recipient needs it, so the invitation contains it. */
  readonly relayPassword: string;
}

/** Sends from the page itself, over a relay that others run. */
export function SendPage({ relayPassword }: SendPageProps): JSX.Element {
  const wording = useWords();
  const words = wording.relay.send;
  return (
    <TransferPage {...{ words, relayPassword }} relay="shared" otherHref="/" script="send.js">
      <form id="begin" class="stack">
        <Field id="files" label={words.files}>
          <input id="files" type="file" multiple />
        </Field>
        <Field id="folder" label={words.folder}>
          <input id="folder" type="file" multiple {...{ webkitdirectory: true }} />
        </Field>
        <Field id="note" label={words.text} hint={words.textHint}>
          <textarea id="note" aria-describedby="note-hint" autocomplete="off" />
        </Field>
        <Button>{words.start}</Button>
      </form>
      <div id="waiting" class="stack" hidden>
        <h2 id="waiting-title" tabIndex={-1}>
          {words.waiting}
        </h2>
        <Field id="invitation" label={words.invitation} hint={words.invitationHint}>
          <input id="invitation" type="text" readOnly aria-describedby="invitation-hint" />
        </Field>
        <Button id="copy" type="button">
          {words.copy}
        </Button>
        <Field id="code" label={words.code}>
          <input id="code" type="text" readOnly />
        </Field>
        <p class="hint">{words.browserHint}</p>
        <p class="hint">{words.patience}</p>
      </div>
      <div id="running" class="stack" hidden>
        <Progress id="progress" label={wording.relay.progressLabel} />
      </div>
      <Button id="cancel" type="button" look="quiet" hidden>
        {wording.relay.cancel}
      </Button>
      <div id="done" class="stack" hidden>
        <h2 id="done-title" tabIndex={-1}>
          {words.done}
        </h2>
        <p>{words.doneLead}</p>
      </div>
    </TransferPage>
  );
}
