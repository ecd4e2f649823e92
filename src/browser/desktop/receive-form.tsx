import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Button } from '../../pages/design/button.js';
import { Field } from '../../pages/design/field.js';
import { type DesktopActions, NotSure } from './actions.js';
import { FolderField } from './folder-field.js';
import { words } from './page-words.js';
import { sentenceOf } from './sentence-of.js';
import { StartForm } from './start-form.js';

export interface ReceiveFormProps {
  readonly downloads: string;
  readonly actions: DesktopActions;
}

/** Takes a pasted invitation and a folder. */
export function ReceiveForm({ downloads, actions }: ReceiveFormProps): JSX.Element {
  const [invitation, setInvitation] = useState('');
  const [folder, setFolder] = useState(downloads);
  const [failure, setFailure] = useState<string>();
  const [mayInsist, setMayInsist] = useState(false);

  const submit = async (isSure: boolean): Promise<void> => {
    setMayInsist(false);
    if (invitation.trim() === '') {
      setFailure(words.noInvitation);
      return;
    }
    setFailure(undefined);
    try {
      await actions.start({ verb: 'receive', invitation, folder, isSure });
      setInvitation('');
    } catch (error) {
      setFailure(sentenceOf(error));
      setMayInsist(error instanceof NotSure);
    }
  };

  return (
    <StartForm failure={failure} onSubmit={() => submit(false)}>
      <Field id="invitation" label={words.invitation} hint={words.invitationHint}>
        <textarea
          id="invitation"
          rows={3}
          value={invitation}
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          aria-describedby="invitation-hint"
          onInput={(event) => setInvitation(event.currentTarget.value)}
        />
      </Field>
      <FolderField verb="receive" {...{ folder, actions }} onChoose={setFolder} />
      <div class="row">
        <Button>{words.verbs.receive.start}</Button>
        {mayInsist && (
          <Button type="button" look="quiet" onClick={() => void submit(true)}>
            {words.anyway}
          </Button>
        )}
      </div>
    </StartForm>
  );
}
