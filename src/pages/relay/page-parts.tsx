import type { JSX } from 'preact';
import { Button } from '../design/button.js';
import { Notice } from '../design/notice.js';
import { wording } from '../wording.js';

/** What to do where no script runs: Tor Browser's level "Safest". */
export function NoScript({ relay }: { readonly relay: 'own' | 'shared' }): JSX.Element {
  return (
    <noscript>
      <Notice kind="careful" title={wording.relay.noScript.title}>
        <p>{wording.relay.noScript[relay]}</p>
      </Notice>
    </noscript>
  );
}

/** A script fills it in and shows it. */
export function Failure(): JSX.Element {
  return (
    <div id="failure" class="stack" tabIndex={-1} hidden>
      <Notice kind="bad" title={wording.relay.failed}>
        <p id="failure-text" />
      </Notice>
      <div class="row">
        <Button id="again" type="button" look="quiet">
          {wording.relay.again}
        </Button>
      </div>
    </div>
  );
}
