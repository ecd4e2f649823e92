import type { ComponentChildren, JSX } from 'preact';
import { Button, LinkButton } from '../design/button.js';
import { Page } from '../design/layout.js';
import { Notice } from '../design/notice.js';
import { useWords } from '../design/use-words.js';

/** The sender's own relay, or a relay that others run */
export type RelayKind = 'own' | 'shared';

export interface TransferPageProps {
  readonly words: { readonly title: string; readonly lead: string; readonly other: string };
  readonly relay: RelayKind;
  /** Where the page for the other direction is, if there is one */
  readonly otherHref?: string;
  readonly script: string;
  /** For the script; only a page that sends needs it */
  readonly relayPassword?: string;
  readonly children: ComponentChildren;
}

/** What the pages that receive and send share. A script shows `#app` and does the transfer. */
export function TransferPage(props: TransferPageProps): JSX.Element {
  const wording = useWords();
  const { words, relay, otherHref, script, relayPassword, children } = props;
  const { trust, noScript, failed, again } = wording.relay;
  return (
    <Page title={words.title} scripts={[script]}>
      <div class="head">
        <div>
          <h1>{words.title}</h1>
          <p class="lead">{words.lead}</p>
        </div>
        {otherHref !== undefined && (
          <LinkButton href={otherHref} look="quiet">
            {words.other}
          </LinkButton>
        )}
      </div>
      {relay === 'shared' && <Notice kind="careful">{trust}</Notice>}
      {/* Tor Browser's level "Safest" runs no scripts. */}
      <noscript>
        <Notice kind="careful" title={noScript.title}>
          <p>{noScript[relay]}</p>
        </Notice>
      </noscript>
      <section
        class="sheet inset stack"
        id="app"
        data-relay={relay}
        data-relay-password={relayPassword}
        hidden
      >
        {children}
        <div id="failure" class="stack" tabIndex={-1} hidden>
          <Notice kind="bad" title={failed} titleId="failure-title">
            <p id="failure-text" />
          </Notice>
          <Button id="again" type="button" look="quiet">
            {again}
          </Button>
        </div>
        <p id="status" class="hint" role="status" aria-live="polite" />
      </section>
    </Page>
  );
}
