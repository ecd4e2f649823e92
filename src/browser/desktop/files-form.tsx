import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { printable } from '../../base/printable.js';
import { Button } from '../../pages/design/button.js';
import { Field } from '../../pages/design/field.js';
import type { TaskRequest } from '../../pages/desktop/state.js';
import type { DesktopActions, DroppedFile } from './actions.js';
import { Chooser } from './chooser.js';
import { DropZone } from './drop-zone.js';
import { words } from './page-words.js';
import { sentenceOf } from './sentence-of.js';
import { StartForm } from './start-form.js';

export interface FilesFormProps {
  readonly verb: 'send' | 'share';
  readonly actions: DesktopActions;
}

/** Chooses files and folders to send or share; `send` takes a text instead. */
export function FilesForm({ verb, actions }: FilesFormProps): JSX.Element {
  const [paths, setPaths] = useState<readonly string[]>([]);
  const [dropped, setDropped] = useState<readonly DroppedFile[]>([]);
  const [text, setText] = useState('');
  const [keep, setKeep] = useState(false);
  const [isChoosing, setChoosing] = useState(false);
  const [copied, setCopied] = useState<number>();
  const [failure, setFailure] = useState<string>();
  const bytes = dropped.reduce((sum, { content }) => sum + content.size, 0);

  const submit = async (): Promise<void> => {
    const hasFiles = paths.length > 0 || dropped.length > 0;
    if (!hasFiles && text === '') {
      setFailure(verb === 'send' ? words.what.nothing : words.what.nothingToShare);
      return;
    }
    if (hasFiles && text !== '') {
      setFailure(words.what.both);
      return;
    }
    setFailure(undefined);
    try {
      await actions.start(await requestOf());
      setPaths([]);
      setDropped([]);
      setText('');
    } catch (error) {
      setFailure(sentenceOf(error));
    } finally {
      setCopied(undefined);
    }
  };

  async function requestOf(): Promise<TaskRequest> {
    if (text !== '') return { verb: 'send', text };
    let drop: number | undefined;
    if (dropped.length > 0) {
      setCopied(0);
      drop = await actions.upload(dropped, setCopied);
    }
    const chosen = { paths, ...(drop !== undefined && { drop }) };
    return verb === 'send' ? { verb, keep, ...chosen } : { verb, ...chosen };
  }

  return (
    <StartForm failure={failure} onSubmit={submit}>
      <DropZone onDrop={(files) => setDropped([...dropped, ...files])} onFailure={setFailure}>
        <Chosen
          {...{ paths, dropped, bytes }}
          onRemove={(path) => setPaths(paths.filter((one) => one !== path))}
          onRemoveDropped={() => setDropped([])}
        />
        <Button id="choose" type="button" look="quiet" onClick={() => setChoosing(true)}>
          {words.what.add}
        </Button>
        <p class="hint">{words.what.drop}</p>
      </DropZone>
      {verb === 'send' && (
        <>
          <Field id="text" label={words.what.text} hint={words.what.textHint}>
            <textarea
              id="text"
              rows={3}
              value={text}
              aria-describedby="text-hint"
              onInput={(event) => setText(event.currentTarget.value)}
            />
          </Field>
          <label class="check">
            <input type="checkbox" checked={keep} onChange={() => setKeep(!keep)} />{' '}
            {words.what.keep}
          </label>
        </>
      )}
      <div class="row">
        <Button disabled={copied !== undefined}>{words.verbs[verb].start}</Button>
        <p class="hint" role="status">
          {copied === undefined ? '' : words.what.uploading(copied, bytes)}
        </p>
      </div>
      {isChoosing && (
        <Chooser
          wants="any"
          from=""
          list={actions.list}
          onTake={(path) => {
            if (!paths.includes(path)) setPaths([...paths, path]);
          }}
          onClose={() => setChoosing(false)}
        />
      )}
    </StartForm>
  );
}

interface ChosenProps {
  readonly paths: readonly string[];
  readonly dropped: readonly DroppedFile[];
  readonly bytes: number;
  readonly onRemove: (path: string) => void;
  readonly onRemoveDropped: () => void;
}

function Chosen({ paths, dropped, bytes, ...on }: ChosenProps): JSX.Element {
  if (paths.length === 0 && dropped.length === 0) return <p>{words.what.none}</p>;
  return (
    <ul class="names chosen" aria-label={words.what.chosen}>
      {paths.map((path) => (
        <li key={path} class="choice">
          <bdi>{printable(path)}</bdi>
          <Remove name={printable(path)} onClick={() => on.onRemove(path)} />
        </li>
      ))}
      {dropped.length > 0 && (
        <li class="choice">
          {words.what.droppedFolder(dropped.length, bytes)}
          <Remove
            name={words.what.droppedFolder(dropped.length, bytes)}
            onClick={on.onRemoveDropped}
          />
        </li>
      )}
    </ul>
  );
}

function Remove(props: { readonly name: string; readonly onClick: () => void }): JSX.Element {
  return (
    <button
      type="button"
      class="button quiet small"
      aria-label={words.what.remove(props.name)}
      onClick={props.onClick}
    >
      {words.what.removeShort}
    </button>
  );
}
