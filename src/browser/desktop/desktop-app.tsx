import type { JSX } from 'preact';
import { Button } from '../../pages/design/button.js';
import { Notice } from '../../pages/design/notice.js';
import type { DesktopState, DesktopView, TorState } from '../../pages/desktop/state.js';
import { DESKTOP_VERBS } from '../../pages/desktop/state.js';
import type { DesktopActions } from './actions.js';
import { FailureText } from './failure-text.js';
import { FilesForm } from './files-form.js';
import { FolderForm } from './folder-form.js';
import { Interrupted } from './interrupted.js';
import { words } from './page-words.js';
import { ReceiveForm } from './receive-form.js';
import { TaskCard } from './task-card.js';

export interface DesktopAppProps {
  readonly view: DesktopView;
  readonly state: DesktopState;
  /** Whether the program has ended */
  readonly isOver: boolean;
  readonly actions: DesktopActions;
}

/** The page of `onionferry open`: rendered in the browser, at each change. */
export function DesktopApp({ view, state, isOver, actions }: DesktopAppProps): JSX.Element {
  if (isOver) {
    return (
      <div class="error stack">
        <h1>{words.ended.title}</h1>
        <p class="lead">{words.ended.sentence}</p>
      </div>
    );
  }
  return (
    <>
      <div class="head">
        <h1>{words.title}</h1>
        <Button
          type="button"
          look="quiet"
          label={`${words.quit}. ${words.quitHint}`}
          onClick={() => void actions.quit()}
        >
          {words.quit}
        </Button>
      </div>
      <TorNotice tor={state.tor} onAgain={() => void actions.connect()} />
      <nav class="verbs" aria-label={words.nav}>
        <ul>
          {DESKTOP_VERBS.map((verb) => (
            <li key={verb}>
              <a href={`?do=${verb}`} aria-current={verb === view.verb ? 'page' : undefined}>
                {words.verbs[verb].name}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <section class="sheet inset stack" aria-labelledby="do-title">
        <div class="field">
          <h2 id="do-title">{words.verbs[view.verb].title}</h2>
          <p class="hint">{words.verbs[view.verb].lead}</p>
        </div>
        <Form {...{ view, actions }} />
      </section>
      {state.interrupted.length > 0 && <Interrupted {...{ all: state.interrupted, actions }} />}
      <section class="stack" aria-labelledby="tasks-title">
        <h2 id="tasks-title">{words.tasks.title}</h2>
        {state.tasks.length === 0 ? (
          <p class="hint">{words.tasks.none}</p>
        ) : (
          <ul class="stack" id="tasks">
            {state.tasks.map((task) => (
              <TaskCard key={task.id} {...{ task, actions }} />
            ))}
          </ul>
        )}
      </section>
    </>
  );
}

function Form({ view, actions }: Pick<DesktopAppProps, 'view' | 'actions'>): JSX.Element {
  const { verb, downloads } = view;
  switch (verb) {
    case 'send':
    case 'share':
      return <FilesForm {...{ verb, actions }} />;
    case 'receive':
      return <ReceiveForm {...{ downloads, actions }} />;
    case 'inbox':
    case 'site':
      return <FolderForm {...{ verb, actions }} />;
  }
}

interface TorNoticeProps {
  readonly tor: TorState;
  readonly onAgain: () => void;
}

function TorNotice({ tor, onAgain }: TorNoticeProps): JSX.Element {
  if (tor.kind !== 'failed') {
    return (
      <p class="hint tor" role="status" data-tor={tor.kind}>
        {words.tor[tor.kind]}
      </p>
    );
  }
  return (
    <Notice kind="bad" title={words.tor.failed}>
      <FailureText {...tor.failure} />
      <p>
        <Button type="button" look="quiet" onClick={onAgain}>
          {words.tor.again}
        </Button>
      </p>
    </Notice>
  );
}
