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
import { desktopWording } from '../../pages/desktop-wording.js';
import type { DesktopActions } from './actions.js';

const words = desktopWording.tasks;

export interface TaskCardProps {
  readonly task: TaskState;
  readonly actions: DesktopActions;
}

/** One thing that was started: how it goes, what the other side needs, and how to stop it. */
export function TaskCard({ task, actions }: TaskCardProps): JSX.Element {
  const { id, verb, about, stage, status, place, progress, offer, files } = task;
  const { name } = desktopWording.verbs[verb];
  const stop = verb === 'receive' ? words.stopTransfer : words.stop;
  const isOver = stage === 'done' || stage === 'failed' || stage === 'stopped';
  return (
    <li class="sheet inset stack task" id={`task-${id}`} data-stage={stage} data-verb={verb}>
      <div class="head">
        <div>
          <h3>
            {name}: <bdi>{printable(about)}</bdi>
          </h3>
          <p class="hint" role="status">
            <span class={`stage ${stage}`}>{words.stages[stage]}</span> {status}
          </p>
        </div>
        {isOver ? (
          <Button type="button" look="quiet" onClick={() => void actions.forget(id)}>
            {words.forget}
          </Button>
        ) : (
          <Button
            type="button"
            look="quiet"
            label={words.stopName(stop, name, printable(about))}
            disabled={stage === 'ending'}
            onClick={() => void actions.stop(id)}
          >
            {stop}
          </Button>
        )}
      </div>
      {task.failure !== undefined && (
        <Notice kind="bad" title={words.failed}>
          <p>{task.failure.sentence}</p>
          {task.failure.hints.map((hint) => (
            <p key={hint}>{hint}</p>
          ))}
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
          <p class="hint">{words.files[verb]}</p>
          <ul class="names">
            {files.map((file, index) => (
              <li key={files.length - index}>
                <bdi>{printable(file)}</bdi>
              </li>
            ))}
          </ul>
        </div>
      )}
      {task.warnings.map((warning) => (
        <Notice key={warning} kind="careful" title={words.warning}>
          <p>{printable(warning)}</p>
        </Notice>
      ))}
    </li>
  );
}

function Bar({ recipient, ...progress }: ProgressState): JSX.Element {
  const id = useId();
  const { bytes, total } = progress;
  const value = total === null ? {} : { value: total === 0 ? 1 : bytes / total };
  return (
    <div class="field">
      <label for={id}>
        {recipient === undefined ? words.progress : words.ofRecipient(recipient)}
      </label>
      <progress id={id} max={1} {...value} aria-describedby={`${id}-text`} />
      <p id={`${id}-text`} class="hint">
        {desktopWording.progressText(progress)}
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
        <p>{words.offerText}</p>
      ) : (
        <>
          <p>
            {words.offer} {words.offerTotal(files, bytes)}:
          </p>
          <ul class="names">
            {names.map((name) => (
              <li key={name}>
                <bdi>{printable(name)}</bdi>
              </li>
            ))}
            {more > 0 && <li>{words.offerMore(more)}</li>}
          </ul>
        </>
      )}
      <div class="row">
        <Button type="button" onClick={() => onAnswer(true)}>
          {words.accept}
        </Button>
        <Button type="button" look="quiet" onClick={() => onAnswer(false)}>
          {words.decline}
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
          <Group lead={words.withFerry}>
            <Value name={words.invitation} value={invitation} />
          </Group>
        )}
        <Group lead={words.withBrowser}>
          <Value name={words.address} value={url} />
          <Value name={words.user} value={user} />
          <Value name={words.password} value={password} />
        </Group>
      </div>
      <Qr {...qr} label={words.qrOf(isOfSend ? words.invitation : words.address)} />
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
          aria-label={words.copyWhat(name)}
          // A browser may refuse; the text beside it can be marked and copied.
          onClick={() => void copy().catch(() => undefined)}
        >
          {words.copy}
        </button>
        <span class="hint" role="status">
          {isCopied ? words.copied : ''}
        </span>
      </dd>
    </div>
  );
}

function Text({ text }: { readonly text: string }): JSX.Element {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{words.text}</label>
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
