import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { printable } from '../../base/printable.js';
import { Button } from '../../pages/design/button.js';
import { Notice } from '../../pages/design/notice.js';
import type { InterruptedState } from '../../pages/desktop/state.js';
import type { DesktopActions } from './actions.js';
import { words } from './page-words.js';
import { sentenceOf } from './sentence-of.js';

export interface InterruptedProps {
  readonly all: readonly InterruptedState[];
  readonly actions: DesktopActions;
}

/** The transfers that can go on. */
export function Interrupted({ all, actions }: InterruptedProps): JSX.Element {
  const [failure, setFailure] = useState<string>();
  const { title, lead, receive, send, recipients, since } = words.interrupted;
  const { go, goName, discard, discardName } = words.interrupted;
  const tell = async (doing: Promise<void>): Promise<void> => {
    setFailure(undefined);
    await doing.catch((error: unknown) => setFailure(sentenceOf(error)));
  };
  return (
    <section class="sheet inset stack" id="interrupted" aria-labelledby="interrupted-title">
      <div class="field">
        <h2 id="interrupted-title">{title}</h2>
        <p class="hint">{lead}</p>
      </div>
      {failure !== undefined && (
        <Notice kind="bad">
          <p>{failure}</p>
        </Notice>
      )}
      <ul class="stack">
        {all.map((one) => {
          const name = (one.verb === 'send' ? send : receive)(printable(one.about));
          return (
            <li key={one.id} class="head">
              <div>
                <p>
                  <bdi>{name}</bdi>
                </p>
                {one.recipients !== undefined && <p class="hint">{recipients(one.recipients)}</p>}
                <p class="hint">{since(new Date(one.since))}</p>
              </div>
              <div class="row">
                <Button
                  type="button"
                  label={goName(name)}
                  onClick={() => void tell(actions.resume(one.id))}
                >
                  {go}
                </Button>
                <Button
                  type="button"
                  look="quiet"
                  label={discardName(name)}
                  onClick={() => void tell(actions.discard(one.id))}
                >
                  {discard}
                </Button>
              </div>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
