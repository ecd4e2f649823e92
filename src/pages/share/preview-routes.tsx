import { finished } from 'node:stream';
import { type Request, type Response, Router } from 'express';
import type { Representation } from '../../onion-http/content/representation.js';
import { sendPage } from '../design/render-page.js';
import { stepsTo, type Way } from '../listing/listing-page.js';
import { FILES_PATH, type Opened, type Represented } from '../listing/represented.js';
import { formatPath, parsePath } from '../listing/url-path.js';
import { PageRefusal } from '../server/refusal.js';
import type { Downloads } from './downloads.js';
import { type Preview, previewOf, textIn } from './preview.js';
import { PREVIEW_POLICY, PreviewPage } from './preview-page.js';
import type { SharedContent } from './shared-content.js';

export const VIEW_PATH = '/view/';

export interface PreviewRoutesOptions {
  readonly content: SharedContent;
  readonly downloads: Downloads;
  /** Where pages lead back to */
  readonly wayFrom: (request: Request) => Way;
  /** The link to a download */
  readonly download: (path: string) => string;
  /** Serves a file, and counts it. */
  readonly deliver: (
    request: Request,
    response: Response,
    opened: Opened,
    of: Represented,
  ) => Promise<void>;
}

/** A file that is open for being shown; disposing of it closes it. */
interface Shown extends Disposable {
  readonly names: readonly string[];
  readonly name: string;
  readonly preview: Preview;
  readonly representation: Representation;
}

/**
 * Shows pictures and texts in the browser. Whoever has seen one has downloaded it.
 *
 * A picture is a document of its own: Firefox would fetch one that a page of an onion address refers
 * to by HTTPS, which is not there.
 */
export function createPreviewRoutes(options: PreviewRoutesOptions): Router {
  const { content, downloads, wayFrom, download, deliver } = options;
  const router = Router({ caseSensitive: true, strict: true });
  // Express would decode a route parameter before it is checked; a pattern leaves the path as sent.
  router.get(/^\/view\//, async (request, response) => {
    using file = open(content, request);
    const { names, name, preview, representation } = file;
    if (preview.kind === 'picture') {
      response.set('Cross-Origin-Resource-Policy', 'same-origin');
      const [of, close] = [{ names, isArchive: false }, (): undefined => undefined];
      // Whatever it is, this is what browsers take it for.
      const shown: Representation = {
        ...representation,
        type: preview.type,
        disposition: 'inline',
      };
      await deliver(request, response, { representation: shown, [Symbol.dispose]: close }, of);
      return;
    }
    downloads.assertOpen();
    const text = textIn(await contentOf(representation));
    count(request, response, file);
    response.set('Content-Security-Policy', PREVIEW_POLICY);
    const page = (
      <PreviewPage
        {...{ name, text }}
        bytes={representation.size}
        steps={stepsTo(names.slice(0, -1), wayFrom(request))}
        downloadHref={download(`${request.baseUrl}${FILES_PATH}${formatPath(names)}`)}
      />
    );
    sendPage(response, page);
  });
  return router;

  function count(
    request: Request,
    response: Response,
    { names, representation: { etag, name, size } }: Shown,
  ): void {
    const counted = { etag, name, size };
    const delivery = downloads.begin(request, response, counted, { names, isArchive: false });
    finished(response, () => {
      // HEAD delivers nothing of it.
      if (request.method === 'GET' && response.writableFinished) {
        delivery.delivered({ start: 0, end: size });
      }
      delivery[Symbol.dispose]();
    });
  }
}

/** @throws PageRefusal 'not-found' if it cannot be shown */
function open(content: SharedContent, { path }: Request): Shown {
  const parsed = parsePath(path.slice(VIEW_PATH.length));
  const name = parsed?.names.at(-1);
  if (parsed === undefined || parsed.isFolder || name === undefined) {
    throw new PageRefusal('not-found');
  }
  const { names } = parsed;
  const file = content.openFile(names);
  const preview = file && previewOf(name, file.representation.size);
  if (file === undefined || preview === undefined) {
    file?.[Symbol.dispose]();
    throw new PageRefusal('not-found');
  }
  const { representation } = file;
  return { names, name, preview, representation, [Symbol.dispose]: () => file[Symbol.dispose]() };
}

async function contentOf(representation: Representation): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  const whole = { start: 0, end: representation.size };
  const { signal } = new AbortController();
  const content: AsyncIterable<Uint8Array> = representation.open(whole, signal);
  for await (const piece of content) pieces.push(piece);
  return Buffer.concat(pieces);
}
