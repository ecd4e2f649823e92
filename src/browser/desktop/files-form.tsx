import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { printable } from '../../base/printable.js';
import { Button } from '../../pages/design/button.js';
import { Field } from '../../pages/design/field.js';
import type { TaskRequest } from '../../pages/desktop/state.js';
import type { DesktopActions, Dropped } from './actions.js';
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
  const [dropped, setDropped] = useState<readonly Dropped[]>([]);
  const [text, setText] = useState('');
  const [keep, setKeep] = useState(false);
  const [isChoosing, setChoosing] = useState(false);
  const [copied, setCopied] = useState<number>();
  const [copying, setCopying] = useState<AbortController>();
  const [drops, setDrops] = useState(0);
  const [failure, setFailure] = useState<string>();
  const bytes = dropped.reduce((sum, one) => sum + bytesOf(one), 0);

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
      setCopying(undefined);
    }
  };

  async function requestOf(): Promise<TaskRequest> {
    if (text !== '') return { verb: 'send', text };
    let drop: number | undefined;
    if (dropped.length > 0) {
      setCopied(0);
      const ending = new AbortController();
      setCopying(ending);
      drop = await actions.upload(dropped, { signal: ending.signal, onProgress: setCopied });
    }
    const chosen = { paths, ...(drop !== undefined && { drop }) };
    return verb === 'send' ? { verb, keep, ...chosen } : { verb, ...chosen };
  }

  const take = async (dropping: Promise<readonly Dropped[]>): Promise<void> => {
    setFailure(undefined);
    setDrops((count) => count + 1);
    try {
      const more = await dropping;
      setDropped((before) => [...before, ...more]);
    } catch (error) {
      setFailure(sentenceOf(error));
    } finally {
      setDrops((count) => count - 1);
    }
  };

  return (
    <StartForm failure={failure} onSubmit={submit}>
      <DropZone onDrop={(dropping) => void take(dropping)}>
        <Chosen
          {...{ paths, dropped }}
          onRemove={(path) => setPaths(paths.filter((one) => one !== path))}
          onRemoveDropped={(one) => setDropped(dropped.filter((other) => other !== one))}
        />
        <Button id="choose" type="button" look="quiet" onClick={() => setChoosing(true)}>
          {words.what.add}
        </Button>
        <p class="hint" role="status">
          {drops > 0 ? words.what.reading : ''}
        </p>
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
        <Button disabled={copied !== undefined || drops > 0}>{words.verbs[verb].start}</Button>
        {copying !== undefined && (
          <Button type="button" look="quiet" onClick={() => copying.abort()}>
            {words.what.cancel}
          </Button>
        )}
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
  readonly dropped: readonly Dropped[];
  readonly onRemove: (path: string) => void;
  readonly onRemoveDropped: (one: Dropped) => void;
}

function Chosen({ paths, dropped, ...on }: ChosenProps): JSX.Element {
  if (paths.length === 0 && dropped.length === 0) return <p>{words.what.none}</p>;
  return (
    <ul class="names chosen" aria-label={words.what.chosen}>
      {paths.map((path) => (
        <li key={path} class="choice">
          <bdi>{printable(path)}</bdi>
          <Remove name={printable(path)} onClick={() => on.onRemove(path)} />
        </li>
      ))}
      {dropped.map((one, index) => (
        <li key={`/${index}`} class="choice">
          <span class="entry-name">
            <bdi>{printable(one.name)}</bdi> <span class="hint">{describedDrop(one)}</span>
          </span>
          <Remove name={printable(one.name)} onClick={() => on.onRemoveDropped(one)} />
        </li>
      ))}
    </ul>
  );
}

function describedDrop(one: Dropped): string {
  const { droppedFile, droppedFolder } = words.what;
  const bytes = bytesOf(one);
  return one.kind === 'file' ? droppedFile(bytes) : droppedFolder(one.files.length, bytes);
}

function bytesOf({ files }: Dropped): number {
  return files.reduce((sum, { content }) => sum + content.size, 0);
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
