import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Button } from '../../pages/design/button.js';
import type { DesktopActions } from './actions.js';
import { FolderField } from './folder-field.js';
import { words } from './page-words.js';
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
    setFailure(folder === undefined ? words.noFolder : undefined);
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
        <Button>{words.verbs[verb].start}</Button>
      </div>
    </StartForm>
  );
}
