import type { JSX } from 'preact';
import { Button, LinkButton } from '../design/button.js';
import { Field, Progress } from '../design/field.js';
import { Page } from '../design/layout.js';
import { Notice } from '../design/notice.js';
import { wording } from '../wording.js';
import { Failure, NoScript } from './page-parts.js';

export interface ReceivePageProps {
  /** Whose relay this is: the sender's own, or one for others. */
  readonly relay: 'own' | 'shared';
}

/** Receives in the page itself; a script does all of it. */
export function ReceivePage({ relay }: ReceivePageProps): JSX.Element {
  const words = wording.relay.receive;
  return (
    <Page title={words.title} scripts={['receive.js']}>
      <div class="head">
        <div>
          <h1>{words.title}</h1>
          <p class="lead">{words.lead}</p>
        </div>
        {relay === 'shared' && (
          <LinkButton href="/send" look="quiet">
            {words.other}
          </LinkButton>
        )}
      </div>
      {relay === 'shared' && <Notice kind="careful">{wording.relay.trust}</Notice>}
      <NoScript relay={relay} />
      <section class="sheet inset stack" id="app" data-relay={relay} hidden>
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
          <div class="row">
            <Button>{words.start}</Button>
          </div>
        </form>
        <div id="offer" class="stack" hidden>
          <h2 id="offer-title" tabIndex={-1}>
            {words.offer}
          </h2>
          <ul id="offer-names" class="plain-list" aria-label={words.caption} />
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
          <div class="row">
            <Button id="cancel" type="button" look="quiet">
              {wording.relay.cancel}
            </Button>
          </div>
        </div>
        <div id="done" class="stack" hidden>
          <h2 id="done-title" tabIndex={-1}>
            {words.done}
          </h2>
          <p id="done-lead" />
          <textarea id="text" readOnly aria-label={words.text} hidden />
          <ul id="kept" class="plain-list" />
        </div>
        <Failure />
        <p id="status" class="hint" role="status" aria-live="polite" />
      </section>
    </Page>
  );
}
