import type { JSX } from 'preact';
import { Page } from '../design/layout.js';
import { Notice } from '../design/notice.js';
import { useWords } from '../design/use-words.js';
import { type DesktopWords, desktopWords } from '../words/desktop/desktop-words.js';
import type { DesktopState, DesktopView } from './state.js';

export interface DesktopPageProps {
  readonly view: DesktopView;
  readonly state: DesktopState;
}

/** The frame of the page; a script fills it, since all of it is about what happens meanwhile. */
export function DesktopPage({ view, state }: DesktopPageProps): JSX.Element {
  const words = useDesktopWords();
  return (
    <Page
      title={words.verbs[view.verb].title}
      scripts={['desktop.js']}
      home=""
      footer={words.footer}
    >
      <noscript>
        <Notice kind="careful" title={words.needsScripts}>
          <></>
        </Notice>
      </noscript>
      <div
        id="app"
        class="app"
        data-view={JSON.stringify(view)}
        data-state={JSON.stringify(state)}
      />
    </Page>
  );
}

/** Stands at the address that is opened first; its script exchanges the token for the page. */
export function EnterPage(): JSX.Element {
  const words = useDesktopWords();
  const { title, opening, refusedTitle, refused, missing } = words.enter;
  return (
    <Page title={title} scripts={['enter.js']} footer={words.footer}>
      <div class="error stack">
        <h1>{title}</h1>
        <noscript>
          <Notice kind="careful" title={words.needsScripts}>
            <></>
          </Notice>
        </noscript>
        <p id="opening" class="lead" role="status" hidden>
          {opening}
        </p>
        <p id="missing" class="lead">
          {missing}
        </p>
        <div id="refused" hidden>
          <Notice kind="bad" title={refusedTitle}>
            <p>{refused}</p>
          </Notice>
        </div>
      </div>
    </Page>
  );
}

function useDesktopWords(): DesktopWords {
  return desktopWords(useWords().language);
}
