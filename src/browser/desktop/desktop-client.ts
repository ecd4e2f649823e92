import * as v from 'valibot';
import type { DesktopState, FolderListing, TaskRequest } from '../../pages/desktop/state.js';
import { type DesktopActions, type DroppedFile, NotSure } from './actions.js';
import { words } from './page-words.js';

/** What the program says when it does not do something. */
const FAILURE: v.GenericSchema<unknown, { sentence: string; isUnsure?: boolean | undefined }> =
  v.object({ sentence: v.string(), isUnsure: v.optional(v.boolean()) });

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
    files: readonly DroppedFile[],
    onProgress: (bytes: number) => void,
  ): Promise<number> {
    const { drop } = v.parse(DROP, await (await post('drops', {})).json());
    let copied = 0;
    for (const { path, content } of files) {
      const query = new URLSearchParams({ path });
      await ask(`drops/${drop}?${query.toString()}`, { method: 'PUT', body: content });
      copied += content.size;
      onProgress(copied);
    }
    return drop;
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

  async connect(): Promise<void> {
    await post('connect', {});
  }

  async quit(): Promise<void> {
    await post('quit', {});
  }

  /** Calls `onState` at every change; `onGone` when the program has ended. */
  follow(onState: (state: DesktopState) => void, onGone: () => void): void {
    const events = new EventSource('events');
    events.addEventListener('state', ({ data }: MessageEvent<string>) => {
      // Written by the program of this page.
      onState(JSON.parse(data) as DesktopState);
    });
    events.addEventListener('ended', () => {
      events.close();
      onGone();
    });
    events.addEventListener('error', () => {
      // It tries again by itself, unless the program has refused it.
      if (events.readyState === EventSource.CLOSED) onGone();
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
  let response: Response;
  try {
    response = await fetch(path, request);
  } catch (cause) {
    throw new Error(words.ended.gone, { cause });
  }
  if (response.ok) return response;
  const failure = v.safeParse(FAILURE, await response.json().catch(() => undefined));
  const { sentence, isUnsure } = failure.success
    ? failure.output
    : { sentence: words.refused.sentence, isUnsure: false };
  throw isUnsure === true ? new NotSure(sentence) : new Error(sentence);
}
