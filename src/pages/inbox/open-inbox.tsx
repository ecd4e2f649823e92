import { realpath } from 'node:fs/promises';
import { Router } from 'express';
import { printable } from '../../base/printable.js';
import { askNames } from '../../disk/names/ask-names.js';
import { unwritable } from '../../disk/unwritable.js';
import type { ReceivedFile } from '../../session/receiving/destination.js';
import { sendPage } from '../design/render-page.js';
import { cleanInbox } from './inbox-staging.js';
import type { Kinds } from './kinds.js';
import { DEFAULT_INBOX_LIMITS, type InboxLimits } from './limits.js';
import { ReceivedPage } from './received-page.js';
import { RefusedPage } from './refused-page.js';
import { UploadPage } from './upload-page.js';
import { UploadRefusal } from './upload-refusal.js';
import { Uploads } from './uploads.js';

/** For Retry-After if the inbox is busy */
const RETRY_AFTER_SECONDS = 30;

export interface InboxOptions {
  /** An existing folder */
  readonly directory: string;
  readonly limits?: Partial<InboxLimits>;
  /** By default, files of every kind are accepted. */
  readonly kinds?: Kinds | undefined;
  /** Whether text notes are accepted; default true */
  readonly notes?: boolean;
  /** Called for each file once it is saved; its path is safe to print. */
  readonly onReceived?: (file: ReceivedFile) => void;
}

export interface Inbox extends AsyncDisposable {
  /** The upload form, and the handler for its uploads */
  readonly routes: Router;
  /** Aborts running uploads and removes what they have written. */
  close(): Promise<void>;
}

/**
 * Opens a folder for uploads, after removing what a killed process has left in it.
 *
 * @throws OnionferryError ERR_DESTINATION if the folder does not exist or cannot be written to
 */
export async function openInbox(options: InboxOptions): Promise<Inbox> {
  const directory = await realpath(options.directory).catch((cause: unknown) => {
    throw unwritable(options.directory, cause);
  });
  await cleanInbox(directory);
  const { kinds, notes: takesNotes = true, onReceived } = options;
  const limits = { ...DEFAULT_INBOX_LIMITS, ...options.limits };
  const asked = askNames(directory);
  const uploads = new Uploads({ directory, limits, kinds, takesNotes, asked });
  const { token } = uploads;
  const routes = Router({ caseSensitive: true, strict: true });
  routes.get('/', (_request, response) => {
    const { isFull } = uploads.quota;
    sendPage(response, <UploadPage {...{ limits, kinds, takesNotes, token, isFull }} />);
  });
  routes.post('/', async (request, response) => {
    try {
      const { files, asSent } = await uploads.receive(request);
      for (const file of files) onReceived?.({ ...file, path: printable(file.path) });
      sendPage(response, <ReceivedPage files={asSent} />);
    } catch (error) {
      if (!(error instanceof UploadRefusal)) throw error;
      if (error.reason.kind === 'busy') response.set('Retry-After', String(RETRY_AFTER_SECONDS));
      sendPage(response, <RefusedPage reason={error.reason} />, error.status);
    } finally {
      // A browser shows the response only after it has sent everything.
      request.resume();
    }
  });
  const close = (): Promise<void> => uploads.close();
  return { routes, close, [Symbol.asyncDispose]: close };
}
