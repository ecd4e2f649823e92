import type { JSX } from 'preact';
import { LinkButton } from '../design/button.js';
import { Page } from '../design/layout.js';
import { wording } from '../wording.js';
import type { PageRefusalKind } from './refusal.js';

/** What the first page would say as well */
const OVER: ReadonlySet<PageRefusalKind> = new Set([
  'wrong-password',
  'expired',
  'limit-reached',
  'sender-gone',
]);

export interface ErrorPageProps {
  readonly kind: PageRefusalKind;
}

/** Says what went wrong in a sentence, and nothing about the machine. */
export function ErrorPage({ kind }: ErrorPageProps): JSX.Element {
  const { title, sentence } = wording.errors[kind];
  // Who has not passed the door can fetch no stylesheet.
  const isOutside = kind === 'wrong-password';
  return (
    <Page title={title} isAlone={isOutside}>
      <div class="error">
        <h1>{title}</h1>
        <p class="lead">{sentence}</p>
        {!OVER.has(kind) && (
          <p>
            <LinkButton href="/" look="quiet">
              {wording.errorBack}
            </LinkButton>
          </p>
        )}
      </div>
    </Page>
  );
}
