import { randomBytes } from 'node:crypto';
import { Router } from 'express';
import type { Logger } from '../../base/logger.js';
import { printable } from '../../base/printable.js';
import { localName } from '../../disk/names/local-name.js';
import type { SignedLinks } from '../../onion-http/basic-auth.js';
import type { ByteRange } from '../../onion-http/content/conditions.js';
import { mediaTypeOf, PIECE_BYTES } from '../../onion-http/content/file-representation.js';
import {
  etagOf,
  type Representation,
  serveRepresentation,
} from '../../onion-http/content/representation.js';
import { type Content, contentLength, readContent } from '../../transfer/source/content-source.js';
import { LinkButton } from '../design/button.js';
import { Page } from '../design/layout.js';
import { sendPage } from '../design/render-page.js';
import { FILES_PATH } from '../listing/represented.js';
import { formatPath, parsePath } from '../listing/url-path.js';
import { PageRefusal } from '../server/refusal.js';
import type { Downloads } from '../share/downloads.js';
import { wordsFor } from '../words/words-for.js';

export interface ContentRoutesOptions {
  readonly content: Content;
  readonly name: string;
  readonly downloads: Downloads;
  readonly signedLinks: SignedLinks;
  readonly logger: Logger;
}

/** Offers one file that is on no disk: its page, and the file at the path that a shared one has. */
export function contentRoutes(options: ContentRoutesOptions): Router {
  const { name, downloads, signedLinks, logger } = options;
  const representation = representationOf(options);
  const path = `${FILES_PATH}${formatPath([name])}`;
  const what = { names: [name], isArchive: false };
  const router = Router({ caseSensitive: true, strict: true });
  router.use((request, _response, next) => {
    downloads.asked(request);
    next();
  });
  router.get('/', (request, response) => {
    downloads.assertOpen();
    const shown = printable(name);
    sendPage(
      response,
      <Page title={shown}>
        <h1>{shown}</h1>
        <p>
          <LinkButton href={signedLinks.sign(path)} download="">
            {wordsFor(request).share.only}
          </LinkButton>
        </p>
      </Page>,
    );
  });
  router.get(/^\/files\//, async (request, response) => {
    const asked = parsePath(request.path.slice(FILES_PATH.length));
    if (asked?.isFolder !== false || asked.names.join('/') !== name) {
      throw new PageRefusal('not-found');
    }
    downloads.assertMayAsk(representation, what);
    using delivery = downloads.begin(request, response, representation, what);
    try {
      await serveRepresentation(request, response, representation, {
        onDelivered: (part) => delivery.delivered(part),
      });
    } catch (error) {
      logger.warn(`the download of ${printable(name)} was cut off: ${String(error)}`);
    }
  });
  return router;
}

function representationOf({ content, name }: ContentRoutesOptions): Representation {
  return {
    size: contentLength(content),
    // It lives as long as this process, at one address.
    etag: etagOf(randomBytes(32)),
    modified: new Date(),
    type: mediaTypeOf(name),
    name: localName(name, 'linux'),
    disposition: 'attachment',
    open: (range) => piecesOf(content, range),
  };
}

async function* piecesOf(content: Content, { start, end }: ByteRange): AsyncGenerator<Uint8Array> {
  for (let at = start; at < end; at += PIECE_BYTES) {
    yield await readContent(content, at, Math.min(end, at + PIECE_BYTES));
  }
}
