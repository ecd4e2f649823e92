import { realpath } from 'node:fs/promises';
import { Router } from 'express';
import { printable } from '../../base/printable.js';
import { askNames } from '../../disk/names/ask-names.js';
import { unwritable } from '../../disk/unwritable.js';
import type { ReceivedFile } from '../../session/receiving/destination.js';
import { sendPage } from '../design/render-page.js';
import { inboxWording } from '../inbox-wording.js';
import { type Siblings, tellSiblings } from '../parallel/siblings.js';
import { policyToFetchFrom } from '../server/security-headers.js';
import { cleanInbox } from './inbox-staging.js';
import type { Kinds } from './kinds.js';
import { DEFAULT_INBOX_LIMITS, type InboxLimits } from './limits.js';
import { Quota } from './quota.js';
import { Receipts } from './receipts.js';
import { ReceivedPage } from './received-page.js';
import { RefusedPage } from './refused-page.js';
import { SIBLINGS_PATH, siblingListener } from './sibling-uploads.js';
import { TusUploads } from './tus-routes.js';
import { UnfinishedUploads } from './unfinished-uploads.js';
import { UploadPage } from './upload-page.js';
import { UploadRefusal } from './upload-refusal.js';
import { Uploads } from './uploads.js';
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
  /** Called for each file once it is saved; its path is safe to print. */
  readonly onReceived?: (file: ReceivedFile) => void;
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
  const quota = new Quota(directory, limits);
  const unfinished = await UnfinishedUploads.open({ directory, limits, quota });
  const underWay = new UploadsUnderWay((upload) => options.onUploading?.(upload));
  const uploads = new Uploads({
    ...{ directory, limits, kinds, takesNotes, asked, quota, unfinished, underWay },
  });
  const { token } = uploads;
  const report = (files: readonly ReceivedFile[]): void => {
    for (const file of files) onReceived?.({ ...file, path: printable(file.path) });
  };
  const tus = new TusUploads({
    ...{ uploads, unfinished, underWay, limits, nameless: inboxWording.nameless },
    onSaved: ({ files }) => report(files),
  });
  await tus.finishLeft();
  const receipts = new Receipts();
  let siblings: Siblings | undefined;
  const routes = Router({ caseSensitive: true, strict: true });
  routes.get('/', (_request, response) => {
    const { isFull } = uploads.quota;
    const { origins } = siblings ?? NO_SIBLINGS;
    response.set('Content-Security-Policy', policyToFetchFrom(origins));
    sendPage(response, <UploadPage {...{ limits, kinds, takesNotes, token, isFull }} />);
  });
  routes.post('/', async (request, response) => {
    try {
      const { files, asSent } = await uploads.receive(request);
      report(files);
      // Not the page itself: to reload it would send everything once more.
      response.redirect(303, `${RECEIPTS_PATH}/${receipts.add(asSent)}`);
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
  const close = async (): Promise<void> => {
    underWay[Symbol.dispose]();
    await uploads.close();
    await unfinished.close();
  };
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
