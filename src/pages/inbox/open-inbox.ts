import { realpath } from 'node:fs/promises';
import type { Router } from 'express';
import { unwritable } from '../../disk/unwritable.js';
import type { ReceivedFile } from '../../session/receiving/destination.js';
import { createInboxRoutes } from './inbox-routes.js';
import { cleanInbox } from './inbox-staging.js';
import type { Kinds } from './kinds.js';
import { DEFAULT_INBOX_LIMITS, type InboxLimits } from './limits.js';
import { Uploads } from './uploads.js';

export interface InboxOptions {
  /** An existing folder. */
  readonly directory: string;
  readonly limits?: Partial<InboxLimits>;
  /** By default files of every kind are taken. */
  readonly kinds?: Kinds;
  /** Whether a text note may come along, or alone; default true. */
  readonly notes?: boolean;
  /** Told of each file when it stands in the inbox, whole; its path is safe to print. */
  readonly onReceived?: (file: ReceivedFile) => void;
}

export interface Inbox extends AsyncDisposable {
  readonly routes: Router;
  /** Breaks off what is on its way, and removes what has come of it. */
  close(): Promise<void>;
}

/**
 * Opens a folder for uploads, after removing what an inbox that was killed has left in it.
 *
 * @throws OnionferryError ERR_DESTINATION if there is no such folder, or it cannot be written to
 */
export async function openInbox(options: InboxOptions): Promise<Inbox> {
  const directory = await realpath(options.directory).catch((cause: unknown) => {
    throw unwritable(options.directory, cause);
  });
  await cleanInbox(directory);
  const { kinds, notes: takesNotes = true, onReceived } = options;
  const limits = { ...DEFAULT_INBOX_LIMITS, ...options.limits };
  const uploads = new Uploads({ directory, limits, kinds, takesNotes });
  const form = { limits, kinds, takesNotes };
  const routes = createInboxRoutes({ uploads, form, onReceived });
  const close = (): Promise<void> => uploads.close();
  return { routes, close, [Symbol.asyncDispose]: close };
}
