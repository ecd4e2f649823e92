import type { JSX } from 'preact';
import { Page } from '../design/layout.js';
import { Notice } from '../design/notice.js';
import { desktopWording } from '../desktop-wording.js';
import type { DesktopState, DesktopView } from './state.js';

export interface DesktopPageProps {
  readonly view: DesktopView;
  readonly state: DesktopState;
}

/** The frame of the page; a script fills it, since all of it is about what happens meanwhile. */
export function DesktopPage({ view, state }: DesktopPageProps): JSX.Element {
  return (
    <Page
      title={desktopWording.verbs[view.verb].title}
      scripts={['desktop.js']}
      home=""
      footer={desktopWording.footer}
    >
      <noscript>
        <Notice kind="careful" title={desktopWording.needsScripts}>
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
  const { title, opening, refusedTitle, refused, missing } = desktopWording.enter;
  return (
    <Page title={title} scripts={['enter.js']} footer={desktopWording.footer}>
      <div class="error stack">
        <h1>{title}</h1>
        <noscript>
          <Notice kind="careful" title={desktopWording.needsScripts}>
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
