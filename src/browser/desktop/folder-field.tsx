import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { printable } from '../../base/printable.js';
import { Button } from '../../pages/design/button.js';
import type { DesktopVerb } from '../../pages/desktop/state.js';
import type { DesktopActions } from './actions.js';
import { Chooser } from './chooser.js';
import { words } from './page-words.js';

export interface FolderFieldProps {
  readonly verb: Exclude<DesktopVerb, 'send' | 'share'>;
  /** From the home on; undefined if none is chosen yet */
  readonly folder: string | undefined;
  readonly actions: DesktopActions;
  readonly onChoose: (folder: string) => void;
}

/** A folder of the user's home, and a button that chooses another. */
export function FolderField({ verb, folder, actions, onChoose }: FolderFieldProps): JSX.Element {
  const [isChoosing, setChoosing] = useState(false);
  return (
    <div class="field">
      <p class="field-name">{words.folderOf[verb]}</p>
      <div class="row">
        <bdi id="folder">{printable(shownAs(folder))}</bdi>
        <Button id="choose" type="button" look="quiet" onClick={() => setChoosing(true)}>
          {folder === undefined ? words.choose : words.chooseOther}
        </Button>
      </div>
      {isChoosing && (
        <Chooser
          wants="folder"
          from={folder ?? ''}
          list={actions.list}
          onTake={(path) => {
            onChoose(path);
            setChoosing(false);
          }}
          onClose={() => setChoosing(false)}
        />
      )}
    </div>
  );
}

function shownAs(folder: string | undefined): string {
  if (folder === undefined) return words.what.none;
  return folder === '' ? words.home : `${words.home}/${folder}`;
}
