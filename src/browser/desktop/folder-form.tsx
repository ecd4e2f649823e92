import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Button } from '../../pages/design/button.js';
import { desktopWording } from '../../pages/desktop-wording.js';
import type { DesktopActions } from './actions.js';
import { FolderField } from './folder-field.js';
import { FormFailure } from './form-failure.js';
import { sentenceOf } from './sentence-of.js';

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
    <form
      id="start"
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <FormFailure sentence={failure} />
      <FolderField {...{ verb, folder, actions }} onChoose={setFolder} />
      <div class="row">
        <Button>{desktopWording.verbs[verb].start}</Button>
      </div>
    </form>
  );
}
