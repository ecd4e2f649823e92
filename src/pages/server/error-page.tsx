import type { JSX } from 'preact';
import { LinkButton } from '../design/button.js';
import { Page } from '../design/layout.js';
import { wording } from '../wording.js';
import type { PageRefusalKind } from './refusal.js';

/** The start page would answer with the same error. */
const WITHOUT_WAY_BACK: ReadonlySet<PageRefusalKind> = new Set(['expired', 'limit-reached']);

export interface ErrorPageProps {
  readonly kind: PageRefusalKind;
  /** For a client that can fetch no stylesheet of ours */
  readonly isAlone?: boolean;
}

/** Says what went wrong in a sentence, and nothing about the machine. */
export function ErrorPage({ kind, isAlone = false }: ErrorPageProps): JSX.Element {
  const { title, sentence } = wording.errors[kind];
  return (
    <Page title={title} isAlone={isAlone}>
      <div class="error">
        <h1>{title}</h1>
        <p class="lead">{sentence}</p>
        {!WITHOUT_WAY_BACK.has(kind) && (
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
