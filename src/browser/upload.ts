import { pageWords } from './view/page-words.js';
import './view/symbol-dispose.js';
import { printable } from '../base/printable.js';
import type { Kinds } from '../pages/inbox/kinds.js';
import { STAGED_MAX, STAGED_MIN_BYTES } from '../pages/inbox/limits.js';
import { isWorthParallel } from '../pages/parallel/limits.js';
import { greetSiblings } from './siblings/greet-siblings.js';
import { type ChoiceLimits, findFault } from './uploading/find-fault.js';
import { SIBLINGS_PATH } from './uploading/inbox-client.js';
import { SendAhead, type SentAhead } from './uploading/send-ahead.js';
import { UploadFailure } from './uploading/upload-failure.js';
import { ChosenFiles } from './view/chosen-files.js';
import { element } from './view/element.js';
import { ProgressBar } from './view/progress-bar.js';

// The form also works without this script, which adds progress and checks limits before sending.
const form: HTMLFormElement = element('upload', HTMLFormElement);
const choice: HTMLElement = element('upload-choice', HTMLElement);
const uploading: HTMLElement = element('upload-running', HTMLElement);
const cancel: HTMLButtonElement = element('upload-cancel', HTMLButtonElement);
const refused: HTMLElement = element('upload-refused', HTMLElement);

// Written into the page by the server.
const limits = JSON.parse(form.dataset['limits'] ?? '{}') as ChoiceLimits;
const kinds = JSON.parse(form.dataset['kinds'] ?? 'null') as Kinds | null;

const words = pageWords();
const { folderDropped } = words.inbox;
new ChosenFiles(() => tell(folderDropped.title, folderDropped.sentence)).start();

/** While siblings are greeted, before anything is sent */
let greeting: AbortController | undefined;

form.addEventListener('submit', (event) => {
  event.preventDefault();
  void send(new FormData(form));
});
form.addEventListener('change', () => {
  if (!isWorthParallel(sizeOf(largeIn(new FormData(form))))) return;
  // They take some seconds, while the visitor is still choosing.
  greeting?.abort();
  greeting = new AbortController();
  greetSiblings(SIBLINGS_PATH, greeting.signal).catch(() => undefined);
});

async function send(data: FormData): Promise<void> {
  const note = data.get('note');
  const chosen = {
    files: [...data.values()].filter(isFile),
    note: typeof note === 'string' ? note : '',
  };
  const fault = findFault(chosen, limits, kinds ?? undefined, words);
  if (fault !== undefined) {
    tell(...fault);
    return;
  }
  const answer = await sendWatched(data);
  if (answer === undefined) return;
  const { status, page, url } = answer;
  if (status === 200) show(page, url);
  else tell(textOf(page, 'h1'), textOf(page, '.lead'));
}

/** Large files are sent ahead, over several addresses; then the form, with everything else. */
async function sendWatched(data: FormData): ReturnType<typeof sendForm> {
  const bar = new ProgressBar();
  const cancelled = new AbortController();
  const abort = (): void => cancelled.abort();
  cancel.addEventListener('click', abort);
  addEventListener('beforeunload', holdBack);
  choice.hidden = true;
  refused.hidden = true;
  uploading.hidden = false;
  const names = data.getAll('files').concat(data.getAll('folder')).filter(isFile);
  const label = element('progress-label', HTMLElement);
  label.textContent = progressText(names);
  // Not on the button that ends it, which Enter would press.
  label.focus();
  const { signal } = cancelled;
  // What is sent asks for them itself.
  greeting?.abort();
  try {
    const large = largeIn(data);
    const ahead = sizeOf(large);
    if (ahead > 0) bar.begin(ahead);
    const sent = ahead === 0 ? [] : await sendAhead(large, bar, signal);
    tellStatus('');
    const answer = await sendForm(form.action, withoutThose(data, sent), {
      onProgress: watched(bar, ahead),
      onSent: () => {
        element('progress-text', HTMLElement).textContent = words.inbox.lastBytes;
      },
      signal,
    });
    if (answer === undefined) tellBroken(signal.aborted ? 'cancelled' : 'lost', ahead > 0);
    return answer;
  } catch (error) {
    const { kind, said } =
      error instanceof UploadFailure ? error : new UploadFailure('lost', undefined);
    if (said !== undefined) tell(...said);
    else tellBroken(kind, true);
    return undefined;
  } finally {
    tellStatus('');
    cancel.removeEventListener('click', abort);
    removeEventListener('beforeunload', holdBack);
    choice.hidden = false;
    uploading.hidden = true;
  }
}

function sendAhead(
  large: readonly File[],
  bar: ProgressBar,
  signal: AbortSignal,
): Promise<SentAhead[]> {
  const { circuits, waiting } = words.parallel;
  const sending = new SendAhead({
    onProgress: (bytes) => bar.move(bytes),
    onSources: (count) => tellStatus(count === 0 ? waiting : circuits(count)),
    signal,
  });
  return sending.run(large);
}

/** The same form, with a field for each file that the inbox has already. */
function withoutThose(data: FormData, sent: readonly SentAhead[]): FormData {
  if (sent.length === 0) return data;
  const byFile = new Map(sent.map((one) => [one.content, one]));
  const left = new FormData();
  for (const [field, value] of data) {
    const known = value instanceof File ? byFile.get(value) : undefined;
    if (known === undefined || !(value instanceof File)) {
      left.append(field, value);
      continue;
    }
    const { id, unitsSha256 } = known;
    const name = value.webkitRelativePath || value.name;
    left.append('staged', JSON.stringify({ id, name, unitsSha256 }));
  }
  return left;
}

/** The progress of a form, behind what was sent ahead of it */
function watched(bar: ProgressBar, ahead: number): Sending['onProgress'] {
  let total = 0;
  return (sent, length) => {
    if (total !== length) bar.begin(ahead + length);
    total = length;
    bar.move(ahead + sent);
  };
}

function progressText([first, ...others]: readonly File[]): string {
  const { progress, progressOf } = words.inbox;
  return first === undefined ? progress : progressOf(printable(first.name), others.length);
}

function isFile(value: FormDataEntryValue): value is File {
  // A field without a chosen file has a file without a name.
  return value instanceof File && value.name !== '';
}

function largeIn(data: FormData): File[] {
  return [...data.values()]
    .filter(isFile)
    .filter(({ size }) => size >= STAGED_MIN_BYTES)
    .slice(0, STAGED_MAX);
}

function sizeOf(files: readonly File[]): number {
  return files.reduce((sum, { size }) => sum + size, 0);
}

function tellBroken(kind: UploadFailure['kind'], isKept: boolean): void {
  const { inbox } = words;
  if (kind === 'cancelled') tell(inbox.cancelledTitle, inbox.cancelled);
  else tell(inbox.brokenTitle, isKept ? inbox.brokenKept : inbox.broken);
}

function tellStatus(text: string): void {
  const status = element('upload-status', HTMLElement);
  // Screen readers say what is set, also if it was there before.
  if (status.textContent !== text) status.textContent = text;
}

/** Makes the browser ask before it leaves the page during an upload. */
function holdBack(event: BeforeUnloadEvent): void {
  event.preventDefault();
}

function tell(title: string, sentence: string): void {
  element('upload-refused-title', HTMLElement).textContent = title;
  element('upload-refused-sentence', HTMLElement).textContent = sentence;
  refused.hidden = false;
  refused.focus();
}

/** Replaces this page with the response, as the browser would: what is reloaded is the response. */
function show(page: Document, url: string): void {
  const main = page.querySelector('main');
  if (main === null) return;
  document.title = page.title;
  history.replaceState(null, '', url);
  document.querySelector('main')?.replaceWith(document.adoptNode(main));
  main.focus();
  scrollTo(0, 0);
}

function textOf(page: Document, selector: string): string {
  return page.querySelector(selector)?.textContent ?? '';
}

interface Answer {
  readonly status: number;
  /** The page that a browser would show */
  readonly page: Document;
  /** Where it stands */
  readonly url: string;
}

interface Sending {
  /** Bytes of the whole form that the browser has sent */
  readonly onProgress: (sent: number, total: number) => void;
  /** Everything was sent; the response is outstanding. */
  readonly onSent: () => void;
  readonly signal: AbortSignal;
}

/**
 * Sends a form as the browser would, with progress, which XMLHttpRequest reports and fetch does not.
 *
 * @returns undefined if the connection broke or the signal aborted
 */
function sendForm(
  url: string,
  form: FormData,
  { onProgress, onSent, signal }: Sending,
): Promise<Answer | undefined> {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    const abort = (): void => request.abort();
    signal.addEventListener('abort', abort);
    request.upload.addEventListener('progress', ({ loaded, total }) => onProgress(loaded, total));
    request.upload.addEventListener('load', onSent);
    request.addEventListener('loadend', () => {
      signal.removeEventListener('abort', abort);
      const page = request.status === 0 ? null : request.responseXML;
      const { status, responseURL: url } = request;
      resolve(page === null ? undefined : { status, page, url });
    });
    request.open('POST', url);
    request.responseType = 'document';
    request.send(form);
  });
}
