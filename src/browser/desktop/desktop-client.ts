import * as v from 'valibot';
import type { DesktopState, FolderListing, TaskRequest } from '../../pages/desktop/state.js';
import { type DesktopActions, type Dropped, NotSure, type UploadOptions } from './actions.js';
import { Unreadable } from './dropped-files.js';
import { words } from './page-words.js';

/** What the program says when it does not do something. */
const FAILURE: v.GenericSchema<unknown, { sentence: string; isUnsure?: boolean | undefined }> =
  v.object({ sentence: v.string(), isUnsure: v.optional(v.boolean()) });

/** Otherwise refusals would be pages. */
const ACCEPT = { Accept: 'application/json' } as const;
/** Of one request, whose length has a limit */
const FOLDERS_AT_ONCE = 500;

/** In a row, until a person is told that the program is not there */
const FAILURES_TELLING = 2;
/** And until it is not asked for any more: another program may get its port */
const FAILURES_MAX = 10;

const DROP: v.GenericSchema<unknown, { drop: number }> = v.object({ drop: v.number() });

/** Talks to the program that this page came from; all addresses are relative to the page. */
export class DesktopClient implements DesktopActions {
  readonly list = async (path: string, showsHidden: boolean): Promise<FolderListing> => {
    const query = new URLSearchParams({ path, ...(showsHidden && { hidden: '1' }) });
    const response = await ask(`folder?${query.toString()}`, {});
    // Written by the program of this page.
    return (await response.json()) as FolderListing;
  };

  async start(request: TaskRequest): Promise<void> {
    await post('tasks', request);
  }

  async upload(
    dropped: readonly Dropped[],
    { signal, onProgress }: UploadOptions,
  ): Promise<number> {
    const { drop } = v.parse(DROP, await (await post('drops', {})).json());
    const remove = (): void => void removeDrop(drop).catch(() => undefined);
    // Nothing could go on with it.
    addEventListener('pagehide', remove);
    addEventListener('beforeunload', askFirst);
    try {
      let copied = 0;
      for (const [index, { files, folders }] of dropped.entries()) {
        const root = index + 1;
        for (let at = 0; at < folders.length; at += FOLDERS_AT_ONCE) {
          const paths = folders.slice(at, at + FOLDERS_AT_ONCE);
          await post(`drops/${drop}/folders`, { root, paths });
        }
        for (const { path, content } of files) {
          const [before, { size }] = [copied, content];
          const query = new URLSearchParams({ root: `${root}`, path, bytes: `${size}` });
          const put = { signal, onProgress: (bytes: number) => onProgress(before + bytes) };
          await putFile(`drops/${drop}?${query.toString()}`, content, put).catch(
            async (error: unknown) => {
              // Either the program is gone, or the file.
              if (error instanceof Unsent) await removeDrop(drop);
              throw error instanceof Unsent ? new Unreadable(path, { cause: error }) : error;
            },
          );
          copied += size;
          onProgress(copied);
        }
      }
      return drop;
    } catch (error) {
      remove();
      throw error;
    } finally {
      removeEventListener('pagehide', remove);
      removeEventListener('beforeunload', askFirst);
    }
  }

  async stop(id: number): Promise<void> {
    await post(`tasks/${id}/stop`, {});
  }

  async answer(id: number, accepts: boolean): Promise<void> {
    await post(`tasks/${id}/answer`, { accepts });
  }

  async forget(id: number): Promise<void> {
    await post(`tasks/${id}/forget`, {});
  }

  async resume(id: string): Promise<void> {
    await post(`interrupted/${id}/resume`, {});
  }

  async discard(id: string): Promise<void> {
    await post(`interrupted/${id}/discard`, {});
  }

  async connect(): Promise<void> {
    await post('connect', {});
  }

  async quit(): Promise<void> {
    await post('quit', {});
  }

  /** Calls `onState` at every change; `onGone` when the program has ended, or does not answer. */
  follow(onState: (state: DesktopState) => void, onGone: () => void): void {
    const events = new EventSource('events');
    let failures = 0;
    events.addEventListener('state', ({ data }: MessageEvent<string>) => {
      failures = 0;
      // Written by the program of this page.
      onState(JSON.parse(data) as DesktopState);
    });
    events.addEventListener('ended', () => {
      events.close();
      onGone();
    });
    events.addEventListener('error', () => {
      failures += 1;
      // It tries again by itself, unless the program has refused it: a computer may have slept.
      if (events.readyState === EventSource.CLOSED || failures >= FAILURES_TELLING) onGone();
      if (failures >= FAILURES_MAX) events.close();
    });
  }
}

async function post(path: string, body: unknown): Promise<Response> {
  return await ask(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
}

/** @throws Error with a sentence */
async function ask(path: string, request: RequestInit): Promise<Response> {
  const headers = { ...ACCEPT, ...(request.headers as Record<string, string> | undefined) };
  let response: Response;
  try {
    response = await fetch(path, { ...request, headers });
  } catch (cause) {
    throw new Error(words.ended.gone, { cause });
  }
  if (response.ok) return response;
  throw refusalOf(await response.json().catch(() => undefined));
}

function refusalOf(answer: unknown): Error {
  const failure = v.safeParse(FAILURE, answer);
  const { sentence, isUnsure } = failure.success
    ? failure.output
    : { sentence: words.refused.sentence, isUnsure: false };
  return isUnsure === true ? new NotSure(sentence) : new Error(sentence);
}

async function removeDrop(drop: number): Promise<void> {
  await ask(`drops/${drop}`, { method: 'DELETE', keepalive: true });
}

/** A file was not sent to its end, for one of several reasons that browsers do not tell. */
class Unsent extends Error {}

/** As XMLHttpRequest, because `fetch` does not tell how much it has sent. */
function putFile(path: string, content: Blob, options: UploadOptions): Promise<void> {
  const { signal, onProgress } = options;
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const request = new XMLHttpRequest();
    request.open('PUT', path);
    request.setRequestHeader('Accept', ACCEPT.Accept);
    request.upload.addEventListener('progress', ({ loaded }) => onProgress(loaded));
    request.addEventListener('load', () => {
      if (request.status === 200) resolve();
      else reject(refusalOf(parsed(request.responseText)));
    });
    request.addEventListener('error', () => reject(new Unsent()));
    request.addEventListener('abort', () => reject(new Error(words.what.cancelled)));
    const abort = (): void => request.abort();
    signal.addEventListener('abort', abort);
    request.addEventListener('loadend', () => signal.removeEventListener('abort', abort));
    request.send(content);
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The browser asks before it leaves the page. */
function askFirst(event: Event): void {
  event.preventDefault();
}
