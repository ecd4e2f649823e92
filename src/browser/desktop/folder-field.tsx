import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { printable } from '../../base/printable.js';
import { Button } from '../../pages/design/button.js';
import type { DesktopVerb } from '../../pages/desktop/state.js';
import { desktopWording } from '../../pages/desktop-wording.js';
import type { DesktopActions } from './actions.js';
import { Chooser } from './chooser.js';

export interface FolderFieldProps {
  readonly verb: DesktopVerb;
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
      <p class="field-name">{desktopWording.folderOf(verb)}</p>
      <div class="row">
        <bdi id="folder">{printable(shownAs(folder))}</bdi>
        <Button id="choose" type="button" look="quiet" onClick={() => setChoosing(true)}>
          {folder === undefined ? desktopWording.choose : desktopWording.chooseOther}
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
  if (folder === undefined) return desktopWording.what.none;
  return folder === '' ? desktopWording.home : `${desktopWording.home}/${folder}`;
}
