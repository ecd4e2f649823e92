import type { Kinds } from '../pages/inbox/kinds.js';
import { wording } from '../pages/wording.js';
import { type ChoiceLimits, findFault } from './uploading/find-fault.js';
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

form.addEventListener('submit', (event) => {
  event.preventDefault();
  void send(new FormData(form));
});

async function send(data: FormData): Promise<void> {
  // A field without a chosen file has a file without a name.
  const isFile = (value: FormDataEntryValue): value is File =>
    value instanceof File && value.name !== '';
  const note = data.get('note');
  const chosen = {
    files: [...data.values()].filter(isFile),
    note: typeof note === 'string' ? note : '',
  };
  const fault = findFault(chosen, limits, kinds ?? undefined);
  if (fault !== undefined) {
    tell(...fault);
    return;
  }
  const answer = await sendWatched(data);
  if (answer === undefined) return;
  const { status, page } = answer;
  if (status === 200) show(page);
  else tell(textOf(page, 'h1'), textOf(page, '.lead'));
}

async function sendWatched(data: FormData): ReturnType<typeof sendForm> {
  const bar = new ProgressBar();
  const cancelled = new AbortController();
  const abort = (): void => cancelled.abort();
  cancel.addEventListener('click', abort);
  addEventListener('beforeunload', holdBack);
  choice.hidden = true;
  refused.hidden = true;
  uploading.hidden = false;
  cancel.focus();
  let total = 0;
  try {
    const answer = await sendForm(form.action, data, {
      onProgress: (sent, length) => {
        if (total !== length) bar.begin(length);
        total = length;
        bar.move(sent);
      },
      onSent: () => {
        element('progress-text', HTMLElement).textContent = wording.inbox.lastBytes;
      },
      signal: cancelled.signal,
    });
    if (answer === undefined) {
      const { cancelledTitle, cancelled: sentence, brokenTitle, broken } = wording.inbox;
      if (cancelled.signal.aborted) tell(cancelledTitle, sentence);
      else tell(brokenTitle, broken);
    }
    return answer;
  } finally {
    cancel.removeEventListener('click', abort);
    removeEventListener('beforeunload', holdBack);
    choice.hidden = false;
    uploading.hidden = true;
  }
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

/** Replaces this page with the response, as the browser would. */
function show(page: Document): void {
  const main = page.querySelector('main');
  if (main === null) return;
  document.title = page.title;
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
      resolve(page === null ? undefined : { status: request.status, page });
    });
    request.open('POST', url);
    request.responseType = 'document';
    request.send(form);
  });
}
