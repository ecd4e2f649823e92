import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Button } from '../../pages/design/button.js';
import { desktopWording } from '../../pages/desktop-wording.js';
import type { DesktopActions } from './actions.js';
import { FolderField } from './folder-field.js';
import { sentenceOf } from './sentence-of.js';
import { StartForm } from './start-form.js';

export interface FolderFormProps {
  readonly verb: 'inbox' | 'site';
  readonly actions: DesktopActions;
}

/** Chooses the folder of an inbox or a site. */
export function FolderForm({ verb, actions }: FolderFormProps): JSX.Element {
  const [folder, setFolder] = useState<string>();
  const [failure, setFailure] = useState<string>();

  const submit = async (): Promise<void> => {
    setFailure(folder === undefined ? desktopWording.noFolder : undefined);
    if (folder === undefined) return;
    try {
      await actions.start({ verb, folder });
    } catch (error) {
      setFailure(sentenceOf(error));
    }
  };

  return (
    <StartForm failure={failure} onSubmit={submit}>
      <FolderField {...{ verb, folder, actions }} onChoose={setFolder} />
      <div class="row">
        <Button>{desktopWording.verbs[verb].start}</Button>
      </div>
    </StartForm>
  );
}
