import type { JSX } from 'preact';
import { RELAY_USER } from '../../relay-protocol/wire.js';
import { Page } from '../design/layout.js';
import { useWords } from '../design/use-words.js';
import type { Words } from '../words/words.js';

/**
 * What the access check of an address wants: the password of a transfer, the password of a relay, or
 * a user name and a password that its owner chose.
 */
export type LoginKind = keyof Words['login']['kinds'];

/**
 * Browsers show it where they ask. The same in all languages, since they keep passwords by it.
 */
export const REALMS: Readonly<Record<LoginKind, string>> = {
  transfer: 'Enter ferry as the user name. The password is all words after # in the invitation.',
  relay:
    'Enter ferry as the user name, and the password of this relay: what follows relay= in the invitation.',
  given: 'onionferry',
};

/** What a visitor sees who cancels the browser's question for a user name and a password. */
export function LoginPage({ kind }: { readonly kind: LoginKind }): JSX.Element {
  const wording = useWords();
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
