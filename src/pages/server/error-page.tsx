import type { JSX } from 'preact';
import { LinkButton } from '../design/button.js';
import { Page } from '../design/layout.js';
import { useWords } from '../design/use-words.js';
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
  const wording = useWords();
  const back = WITHOUT_WAY_BACK.has(kind) ? undefined : wording.errorBack;
  return <FailurePage {...{ ...wording.errors[kind], back, isAlone }} />;
}

export interface FailurePageProps {
  readonly title: string;
  readonly sentence: string;
  /** The text of the link to the start page, if there is one */
  readonly back: string | undefined;
  readonly isAlone?: boolean;
}

export function FailurePage(props: FailurePageProps): JSX.Element {
  const { title, sentence, back, isAlone = false } = props;
  return (
    <Page {...{ title, isAlone }}>
      <div class="error stack">
        <h1>{title}</h1>
        <p class="lead">{sentence}</p>
        {back !== undefined && (
          <p>
            <LinkButton href="/" look="quiet">
              {back}
            </LinkButton>
          </p>
        )}
      </div>
    </Page>
  );
}
