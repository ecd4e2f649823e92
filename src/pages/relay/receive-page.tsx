import type { JSX } from 'preact';
import { Button } from '../design/button.js';
import { Field, Progress } from '../design/field.js';
import { useWords } from '../design/use-words.js';
import { type RelayKind, TransferPage } from './transfer-page.js';

/** Receives in the page itself. */
export function ReceivePage({ relay }: { readonly relay: RelayKind }): JSX.Element {
  const wording = useWords();
  const words = wording.relay.receive;
  return (
    <TransferPage
      {...{ words, relay, script: 'receive.js' }}
      {...(relay === 'shared' && { otherHref: '/send' })}
    >
      <form id="begin" class="stack">
        <Field id="code" label={words.code} hint={words.codeHint}>
          <input
            id="code"
            type="text"
            required
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            aria-describedby="code-hint"
          />
        </Field>
        <Button>{words.start}</Button>
      </form>
      <div id="offer" class="stack" hidden>
        <h2 id="offer-title" tabIndex={-1}>
          {words.offer}
        </h2>
        <ul id="offer-names" aria-label={words.caption} />
        <p id="offer-total" />
        <p id="offer-hint" class="hint" />
        <div class="row">
          <Button id="accept" type="button">
            {words.accept}
          </Button>
          <Button id="decline" type="button" look="quiet">
            {words.decline}
          </Button>
        </div>
      </div>
      <div id="running" class="stack" hidden>
        <Progress id="progress" label={wording.relay.progressLabel} />
        <Button id="cancel" type="button" look="quiet">
          {wording.relay.cancel}
        </Button>
      </div>
      <div id="done" class="stack" hidden>
        <h2 id="done-title" tabIndex={-1}>
          {words.done}
        </h2>
        <p id="done-lead" />
        <textarea id="text" readOnly aria-label={words.text} hidden />
        <ul id="kept" />
      </div>
    </TransferPage>
  );
}
