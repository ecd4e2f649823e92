import type { JSX } from 'preact';
import { RELAY_USER } from '../../relay-protocol/wire.js';
import { Page } from '../design/layout.js';
import { wording } from '../wording.js';

/**
 * What the access check of an address wants: the password of a transfer, the password of a relay, or
 * a user name and a password that its owner chose.
 */
export type LoginKind = keyof typeof wording.login.kinds;

/** What a visitor sees who cancels the browser's question for a user name and a password. */
export function LoginPage({ kind }: { readonly kind: LoginKind }): JSX.Element {
  const { title, user, password, kinds } = wording.login;
  const words = kinds[kind];
  return (
    <Page title={title} isAlone>
      <div class="error">
        <h1>{title}</h1>
        <p class="lead">{words.lead}</p>
        {'password' in words && (
          <>
            <dl class="login">
              <dt>{user}</dt>
              <dd>{RELAY_USER}</dd>
              <dt>{password}</dt>
              <dd>{words.password}</dd>
            </dl>
            <p class="hint">{words.hint}</p>
          </>
        )}
      </div>
    </Page>
  );
}
