import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { printable } from '../../base/printable.js';
import { Button } from '../../pages/design/button.js';
import { Icon } from '../../pages/design/icon.js';
import { Notice } from '../../pages/design/notice.js';
import type { FolderEntry, FolderListing } from '../../pages/desktop/state.js';
import type { DesktopActions } from './actions.js';
import { words } from './page-words.js';
import { sentenceOf } from './sentence-of.js';

export interface ChooserProps {
  /** `folder` gives one folder and closes; `any` gives one entry after the other. */
  readonly wants: 'any' | 'folder';
  /** Where to begin, from the home on */
  readonly from: string;
  readonly list: DesktopActions['list'];
  readonly onTake: (path: string) => void;
  readonly onClose: () => void;
}

/** Walks through the folders of the user's home. */
export function Chooser({ wants, from, list, onTake, onClose }: ChooserProps): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const [path, setPath] = useState(from);
  const [showsHidden, setShowsHidden] = useState(false);
  const [listing, setListing] = useState<FolderListing>();
  const [failure, setFailure] = useState<string>();
  useEffect(() => dialog.current?.showModal(), []);
  useEffect(() => {
    let isOld = false;
    setFailure(undefined);
    list(path, showsHidden).then(
      (found) => {
        if (!isOld) setListing(found);
      },
      (error: unknown) => {
        if (isOld) return;
        // Such as a folder that is only made when something is received.
        if (listing === undefined && path !== '') setPath('');
        else setFailure(sentenceOf(error));
      },
    );
    return () => {
      isOld = true;
    };
  }, [path, showsHidden, list]);
  const isHere = listing?.path === path;
  return (
    <dialog ref={dialog} class="sheet chooser" aria-labelledby="chooser-title" onClose={onClose}>
      <div class="stack inset">
        <h2 id="chooser-title">
          {wants === 'any' ? words.chooser.titleFiles : words.chooser.titleFolder}
        </h2>
        <Steps path={path} onGo={setPath} />
        {failure !== undefined && (
          <Notice kind="bad">
            <p>{failure}</p>
          </Notice>
        )}
        <div class="chooser-list" tabIndex={0} role="group" aria-label={words.chooser.list}>
          {!isHere && failure === undefined && <p class="hint">{words.chooser.loading}</p>}
          {isHere && listing.entries.length === 0 && <p class="hint">{words.chooser.empty}</p>}
          {isHere && (
            <ul>
              {listing.entries.map((entry) => (
                <Entry
                  key={entry.name}
                  {...{ entry, wants }}
                  onOpen={() => setPath(below(path, entry.name))}
                  onTake={() => onTake(below(path, entry.name))}
                />
              ))}
            </ul>
          )}
          {isHere && listing.more > 0 && <p class="hint">{words.chooser.more(listing.more)}</p>}
        </div>
        <label class="check">
          <input
            type="checkbox"
            checked={showsHidden}
            onChange={() => setShowsHidden(!showsHidden)}
          />{' '}
          {words.chooser.hidden}
        </label>
        <div class="row">
          {wants === 'folder' && (
            <Button type="button" onClick={() => onTake(path)}>
              {words.chooser.takeThis}
            </Button>
          )}
          <Button type="button" look="quiet" onClick={() => dialog.current?.close()}>
            {words.chooser.close}
          </Button>
        </div>
      </div>
    </dialog>
  );
}

interface StepsProps {
  readonly path: string;
  readonly onGo: (path: string) => void;
}

function Steps({ path, onGo }: StepsProps): JSX.Element {
  const names = path === '' ? [] : path.split('/');
  const steps = [
    { name: words.home, path: '' },
    ...names.map((name, index) => ({ name, path: names.slice(0, index + 1).join('/') })),
  ];
  return (
    <nav class="trail" aria-label={words.chooser.path}>
      <ol>
        {steps.map((step, index) => (
          <li key={step.path}>
            {index === steps.length - 1 ? (
              <bdi aria-current="true">{printable(step.name)}</bdi>
            ) : (
              <button type="button" class="link" onClick={() => onGo(step.path)}>
                <bdi>{printable(step.name)}</bdi>
              </button>
            )}
          </li>
        ))}
      </ol>
    </nav>
  );
}

interface EntryProps {
  readonly entry: FolderEntry;
  readonly wants: ChooserProps['wants'];
  readonly onOpen: () => void;
  readonly onTake: () => void;
}

function Entry({ entry, wants, onOpen, onTake }: EntryProps): JSX.Element {
  const { kind, name, bytes } = entry;
  const label = (
    <>
      <Icon name={kind} />
      <span class="entry-name">
        <bdi>{printable(name)}</bdi>
        {bytes !== undefined && <span class="hint"> {words.chooser.size(bytes)}</span>}
      </span>
    </>
  );
  return (
    <li class="choice">
      {kind === 'folder' ? (
        <button type="button" class="entry" onClick={onOpen}>
          {label}
        </button>
      ) : (
        <span class="entry">{label}</span>
      )}
      {wants === 'any' && (
        <button
          type="button"
          class="button quiet small"
          aria-label={words.chooser.takeName(printable(name))}
          onClick={onTake}
        >
          {words.chooser.take}
        </button>
      )}
    </li>
  );
}

function below(path: string, name: string): string {
  return path === '' ? name : `${path}/${name}`;
}
