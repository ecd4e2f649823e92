import type { ComponentChildren, JSX } from 'preact';
import { useId, useState } from 'preact/hooks';
import { printable, printableText } from '../../base/printable.js';
import { Button } from '../../pages/design/button.js';
import { Notice } from '../../pages/design/notice.js';
import type {
  OfferState,
  PlaceState,
  ProgressState,
  QrCode,
  TaskState,
} from '../../pages/desktop/state.js';
import type { DesktopActions } from './actions.js';
import { FailureText } from './failure-text.js';
import { words } from './page-words.js';

export interface TaskCardProps {
  readonly task: TaskState;
  readonly actions: DesktopActions;
}

/** One thing that was started: how it goes, what the other side needs, and how to stop it. */
export function TaskCard({ task, actions }: TaskCardProps): JSX.Element {
  const { id, verb, about, stage, status, place, progress, offer, files } = task;
  const { name } = words.verbs[verb];
  const stop = verb === 'receive' ? words.tasks.stopTransfer : words.tasks.stop;
  const isOver = stage === 'done' || stage === 'failed' || stage === 'stopped';
  return (
    <li class="sheet inset stack task" id={`task-${id}`} data-stage={stage} data-verb={verb}>
      <div class="head">
        <div>
          <h3>
            {name}: <bdi>{printable(about)}</bdi>
          </h3>
          <p class="hint" role="status">
            <span class={`stage ${stage}`}>{words.tasks.stages[stage]}</span> {status}
          </p>
        </div>
        {isOver ? (
          <Button
            type="button"
            look="quiet"
            label={words.tasks.forgetName(words.tasks.forget, name, printable(about))}
            onClick={() => void actions.forget(id)}
          >
            {words.tasks.forget}
          </Button>
        ) : (
          <Button
            type="button"
            look="quiet"
            label={words.tasks.stopName(stop, name, printable(about))}
            disabled={stage === 'ending'}
            onClick={() => void actions.stop(id)}
          >
            {stop}
          </Button>
        )}
      </div>
      {task.failure !== undefined && (
        <Notice kind="bad" title={words.tasks.failed}>
          <FailureText {...task.failure} />
        </Notice>
      )}
      {stage === 'asking' && offer !== undefined && (
        <Offer offer={offer} onAnswer={(accepts) => void actions.answer(id, accepts)} />
      )}
      {progress.map((one) => (
        <Bar key={one.recipient ?? 0} {...one} />
      ))}
      {!isOver && place !== undefined && <Place {...place} isOfSend={verb === 'send'} />}
      {task.text !== undefined && <Text text={task.text} />}
      {files.length > 0 && (
        <div class="field">
          <p class="hint">{words.tasks.files[verb]}</p>
          <ul class="names">
            {files.map((file, index) => (
              <li key={files.length - index}>
                <bdi>{words.tasks.file(printable(file.path), file.bytes)}</bdi>
              </li>
            ))}
          </ul>
        </div>
      )}
      {task.warnings.map((warning) => (
        <Notice key={warning.text} kind="careful" title={words.tasks.warning}>
          <p lang={warning.isEnglish === true ? 'en' : undefined}>{printable(warning.text)}</p>
        </Notice>
      ))}
    </li>
  );
}

function Bar({ recipient, ...progress }: ProgressState): JSX.Element {
  const id = useId();
  const { bytes, total, rate, circuits } = progress;
  const isOver = total !== null && bytes >= total;
  const left = total === null || isOver || rate === 0 ? null : (total - bytes) / rate;
  const value = total === null ? {} : { value: total === 0 ? 1 : bytes / total };
  return (
    <div class="field">
      <label for={id}>
        {recipient === undefined ? words.tasks.progress : words.tasks.ofRecipient(recipient)}
      </label>
      <progress id={id} max={1} {...value} aria-describedby={`${id}-text`} />
      <p id={`${id}-text`} class="hint">
        {words.tasks.progressText(bytes, total, rate, left, circuits)}
      </p>
    </div>
  );
}

interface OfferProps {
  readonly offer: OfferState;
  readonly onAnswer: (accepts: boolean) => void;
}

function Offer({ offer, onAnswer }: OfferProps): JSX.Element {
  const { kind, names, more, files, bytes } = offer;
  return (
    <div class="stack offer">
      {kind === 'text' ? (
        <p>{words.tasks.offerText}</p>
      ) : (
        <>
          <p>{words.tasks.offer(files, bytes)}</p>
          <ul class="names">
            {names.map((name) => (
              <li key={name}>
                <bdi>{printable(name)}</bdi>
              </li>
            ))}
            {more > 0 && <li>{words.tasks.offerMore(more)}</li>}
          </ul>
        </>
      )}
      <div class="row">
        <Button type="button" onClick={() => onAnswer(true)}>
          {words.tasks.accept}
        </Button>
        <Button type="button" look="quiet" onClick={() => onAnswer(false)}>
          {words.tasks.decline}
        </Button>
      </div>
    </div>
  );
}

function Place(props: PlaceState & { readonly isOfSend: boolean }): JSX.Element {
  const { url, user, password, invitation, qr, isOfSend } = props;
  return (
    <div class="place">
      <div class="stack">
        {invitation !== undefined && (
          <Group lead={words.tasks.withFerry}>
            <Value name={words.tasks.invitation} value={invitation} />
          </Group>
        )}
        <Group lead={words.tasks.withBrowser}>
          <Value name={words.tasks.address} value={url} />
          <Value name={words.tasks.user} value={user} />
          <Value name={words.tasks.password} value={password} />
        </Group>
      </div>
      <Qr
        {...qr}
        label={words.tasks.qrOf(isOfSend ? words.tasks.invitation : words.tasks.address)}
      />
    </div>
  );
}

function Group(props: {
  readonly lead: string;
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    <div class="group">
      <p class="hint">{props.lead}</p>
      <dl class="values">{props.children}</dl>
    </div>
  );
}

interface ValueProps {
  readonly name: string;
  readonly value: string;
}

/** Something to pass on, with a button that copies it. */
function Value({ name, value }: ValueProps): JSX.Element {
  const [isCopied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(value);
    setCopied(true);
  };
  return (
    <div class="value">
      <dt>{name}</dt>
      <dd>
        <code data-value={name}>{value}</code>
        <button
          type="button"
          class="button quiet small"
          aria-label={words.tasks.copyWhat(name)}
          // A browser may refuse; the text beside it can be marked and copied.
          onClick={() => void copy().catch(() => undefined)}
        >
          {words.tasks.copy}
        </button>
        <span class="hint" role="status">
          {isCopied ? words.tasks.copied : ''}
        </span>
      </dd>
    </div>
  );
}

function Text({ text }: { readonly text: string }): JSX.Element {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{words.tasks.text}</label>
      <textarea id={id} readOnly value={printableText(text)} />
    </div>
  );
}

/** Dark on light in either colour scheme: in the other direction few scanners read it. */
function Qr({ size, path, label }: QrCode & { readonly label: string }): JSX.Element {
  return (
    <svg class="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label}>
      <rect class="qr-light" width={size} height={size} />
      <path class="qr-dark" d={path} />
    </svg>
  );
}
