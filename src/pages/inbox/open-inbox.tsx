import { realpath } from 'node:fs/promises';
import { type ErrorRequestHandler, Router } from 'express';
import { Cleanup } from '../../base/cleanup.js';
import { hasCode, OnionferryError } from '../../base/errors.js';
import { silentLogger } from '../../base/logger.js';
import { printable } from '../../base/printable.js';
import { systemCode } from '../../base/system-error.js';
import { askNames } from '../../disk/names/ask-names.js';
import { unwritable } from '../../disk/unwritable.js';
import type { ReceivedFile } from '../../session/receiving/destination.js';
import { sendPage } from '../design/render-page.js';
import { type Siblings, tellSiblings } from '../parallel/siblings.js';
import { policyToFetchFrom } from '../server/security-headers.js';
import { encryptionTo } from './encryption.js';
import { cleanInbox } from './inbox-staging.js';
import type { Kinds } from './kinds.js';
import { DEFAULT_INBOX_LIMITS, type InboxLimits } from './limits.js';
import { Quota } from './quota.js';
import { Receipts } from './receipts.js';
import { ReceivedPage } from './received-page.js';
import { RefusedPage } from './refused-page.js';
import { type PurgedFile, Retention } from './retention.js';
import { SIBLINGS_PATH, siblingListener } from './sibling-uploads.js';
import { TusUploads } from './tus-routes.js';
import { UnfinishedUploads } from './unfinished-uploads.js';
import { type CheckCommand, UploadCheck } from './upload-check.js';
import { UploadPage } from './upload-page.js';
import { UploadRefusal } from './upload-refusal.js';
import { type Received, Uploads } from './uploads.js';
import { type UploadProgress, UploadsUnderWay } from './uploads-under-way.js';

/** For Retry-After if the inbox is busy */
const RETRY_AFTER_SECONDS = 30;
/** Of receipts */
const RECEIPTS_PATH = '/receipts';

const NO_SIBLINGS: Omit<Siblings, 'answerWith'> = {
  origins: [],
  greeting: '/',
  wanted: () => [],
  news: Promise.resolve(),
};

/** What a file is called that a program has sent without a name */
const NAMELESS = 'upload';

export interface InboxOptions {
  /** An existing folder */
  readonly directory: string;
  readonly limits?: Partial<InboxLimits>;
  /** By default, files of every kind are accepted. */
  readonly kinds?: Kinds | undefined;
  /** Whether text notes are accepted; default true */
  readonly notes?: boolean;
  /** Called while an upload arrives that takes longer than a second. */
  readonly onUploading?: (upload: UploadProgress) => void;
  /** age recipients that files are encrypted to before they reach the disk; by default none */
  readonly encryptTo?: readonly string[] | undefined;
  /** Runs for each upload before it gets its name. */
  readonly check?: CheckCommand | undefined;
  /** How long files stay after they were received, in ms; by default for ever */
  readonly purgeAfterMs?: number | undefined;
  /** Called for each file once it is saved; its path is safe to print. @param upload its id */
  readonly onReceived?: (file: ReceivedFile, upload: string) => void;
  /** Called for each file that was removed; its path is safe to print. */
  readonly onPurged?: (file: PurgedFile) => void;
  /** Something failed or was refused, in words that are safe to print. */
  readonly onWarning?: (message: string) => void;
  /** Whether names of files, and what tells them, may stand in warnings and errors; default true */
  readonly tellsNames?: boolean;
}

export interface Inbox extends AsyncDisposable {
  /** The upload form, and the handler for its uploads */
  readonly routes: Router;
  /** Lets the page send over these as well. @param origin of the page */
  useSiblings(siblings: Siblings, origin: string): void;
  /**
   * Aborts running uploads and removes what they have written. What may be gone on with is left to
   * the next one that opens the folder.
   */
  close(): Promise<void>;
}

/**
 * Opens a folder for uploads, after removing what a killed process has left in it.
 *
 * @throws OnionferryError ERR_DESTINATION if the folder does not exist or cannot be written to;
 *   ERR_USAGE if a recipient is none of age's
 */
export async function openInbox(options: InboxOptions): Promise<Inbox> {
  const directory = await realpath(options.directory).catch((cause: unknown) => {
    throw unwritable(options.directory, cause);
  });
  await cleanInbox(directory);
  const cleanup = new Cleanup();
  try {
    return await openFolder(directory, options, cleanup);
  } catch (error) {
    await cleanup.runAfterFailure(silentLogger);
    throw error;
  }
}

async function openFolder(
  directory: string,
  options: InboxOptions,
  cleanup: Cleanup,
): Promise<Inbox> {
  const { kinds, notes: takesNotes = true, onReceived, onWarning, tellsNames = true } = options;
  const encrypt =
    options.encryptTo === undefined ? undefined : await encryptionTo(options.encryptTo);
  const limits = { ...DEFAULT_INBOX_LIMITS, ...options.limits };
  const asked = askNames(directory);
  const quota = new Quota(directory, limits);
  const warn = onWarning ?? (() => undefined);
  const check = options.check && new UploadCheck({ ...options.check, onRefused: warn, tellsNames });
  const hides = encrypt !== undefined;
  const unfinished = await UnfinishedUploads.open({ directory, limits, quota, hides });
  cleanup.add(() => unfinished.close());
  const retention = await openRetention(directory, options);
  cleanup.add(() => retention?.close());
  const underWay = new UploadsUnderWay((upload) => options.onUploading?.(upload));
  cleanup.add(() => underWay[Symbol.dispose]());
  const uploads = new Uploads({
    ...{ directory, limits, kinds, takesNotes, asked, quota, unfinished, underWay },
    ...{ encrypt, check, retention },
  });
  cleanup.add(() => uploads.close());
  const { token } = uploads;
  const report = ({ id, files }: Received): void => {
    for (const file of files) onReceived?.({ ...file, path: printable(file.path) }, id);
  };
  const tus = new TusUploads({
    ...{ uploads, unfinished, underWay, limits, nameless: NAMELESS },
    onSaved: report,
  });
  // For each the check may take minutes, and nobody is let in before this function returns.
  const end = new AbortController();
  const finishingLeft = tus.finishLeft(end.signal);
  cleanup.add(() => finishingLeft);
  cleanup.add(() => check?.[Symbol.dispose]());
  cleanup.add(() => end.abort());
  const receipts = new Receipts();
  let siblings: Siblings | undefined;
  const routes = Router({ caseSensitive: true, strict: true });
  routes.get('/', async (_request, response) => {
    const isFull = await uploads.quota.isFull();
    const { origins } = siblings ?? NO_SIBLINGS;
    response.set('Content-Security-Policy', policyToFetchFrom(origins));
    sendPage(response, <UploadPage {...{ limits, kinds, takesNotes, token, isFull }} />);
  });
  routes.post('/', async (request, response) => {
    try {
      const upload = await uploads.receive(request);
      report(upload);
      receipts.add(upload.id, upload.asSent);
      // Not the page itself: to reload it would send everything once more.
      response.redirect(303, `${RECEIPTS_PATH}/${upload.id}`);
    } catch (error) {
      if (!(error instanceof UploadRefusal)) throw error;
      if (error.reason.kind === 'busy') response.set('Retry-After', String(RETRY_AFTER_SECONDS));
      sendPage(response, <RefusedPage reason={error.reason} />, error.status);
    } finally {
      // A browser shows the response only after it has sent everything.
      request.resume();
    }
  });
  routes.get(`${RECEIPTS_PATH}/:id`, (request, response, next) => {
    const receipt = receipts.find(request.params.id);
    if (receipt === undefined) next();
    else sendPage(response, <ReceivedPage receipt={receipt} />);
  });
  routes.get(SIBLINGS_PATH, (request, response) =>
    tellSiblings(siblings ?? NO_SIBLINGS, request, response),
  );
  routes.use(tus.routes());
  if (!tellsNames) routes.use(hideNames);
  const close = (): Promise<void> => cleanup.run();
  return {
    routes,
    useSiblings: (added, origin) => {
      siblings = added;
      added.answerWith((access) => siblingListener(tus, access, origin));
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function openRetention(
  directory: string,
  { purgeAfterMs, onPurged, onWarning, tellsNames = true }: InboxOptions,
): Promise<Retention | undefined> {
  if (purgeAfterMs === undefined) return undefined;
  return await Retention.open({
    ...{ directory, keptMs: purgeAfterMs },
    onPurged: (file) => onPurged?.({ ...file, path: printable(file.path) }),
    onFailed: (file, error) => {
      const what = tellsNames ? printable(file.path) : 'a file';
      onWarning?.(`${what} could not be removed: ${systemCode(error) ?? 'it failed'}`);
    },
    onRecordFailed: ({ code, cause }) => {
      const why = systemCode(cause) ?? code;
      onWarning?.(
        `the record of what was received could not be written: ${why}; it is tried again`,
      );
    },
  });
}

/** What fails within tells paths; whoever reads logs is to learn that it failed, and nothing of whom. */
const hideNames: ErrorRequestHandler = (error: unknown, _request, _response, next) => {
  const isOurs = error instanceof Error && 'status' in error;
  if (isOurs || hasCode(error, 'ERR_PEER_GONE', 'ERR_INTERRUPTED')) {
    next(error);
    return;
  }
  const code = hasCode(error, 'ERR_DISK_FULL') ? 'ERR_DISK_FULL' : 'ERR_DESTINATION';
  next(new OnionferryError(code, `an upload could not be saved (${systemCode(error) ?? code})`));
};
