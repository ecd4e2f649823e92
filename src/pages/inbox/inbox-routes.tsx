import { Router } from 'express';
import { printable } from '../../base/printable.js';
import type { ReceivedFile } from '../../session/receiving/destination.js';
import { sendPage } from '../design/render-page.js';
import { ReceivedPage } from './received-page.js';
import { RefusedPage } from './refused-page.js';
import { type UploadFormProps, UploadPage } from './upload-page.js';
import { UploadRefusal } from './upload-refusal.js';
import type { Uploads } from './uploads.js';

/** How soon a browser may try again by itself when the inbox is busy. */
const RETRY_AFTER_SECONDS = 30;

export interface InboxRoutesOptions {
  readonly uploads: Uploads;
  readonly form: Omit<UploadFormProps, 'token'>;
  readonly onReceived?: ((file: ReceivedFile) => void) | undefined;
}

/** The page with the form, and what the form is sent to. */
export function createInboxRoutes({ uploads, form, onReceived }: InboxRoutesOptions): Router {
  const router = Router({ caseSensitive: true, strict: true });
  router.get('/', (_request, response) => {
    sendPage(response, <UploadPage {...form} token={uploads.token} isFull={uploads.room.isFull} />);
  });
  router.post('/', async (request, response) => {
    try {
      const { files, asSent } = await uploads.receive(request);
      for (const file of files) onReceived?.({ ...file, path: printable(file.path) });
      sendPage(response, <ReceivedPage files={asSent} />);
    } catch (error) {
      if (!(error instanceof UploadRefusal)) throw error;
      if (error.reason.kind === 'busy') response.set('Retry-After', String(RETRY_AFTER_SECONDS));
      sendPage(response, <RefusedPage reason={error.reason} />, error.status);
    } finally {
      // A browser shows the answer only when it was let finish.
      request.resume();
    }
  });
  return router;
}
