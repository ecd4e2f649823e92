import { type Request, type Response, Router } from 'express';
import { type Logger, silentLogger } from '../../base/logger.js';
import { printable } from '../../base/printable.js';
import type { OpenFile } from '../../disk/tree/folder.js';
import { fileRepresentation } from '../../onion-http/content/file-representation.js';
import type { TagKey } from '../../onion-http/content/representation.js';
import { serveRepresentation } from '../../onion-http/content/representation.js';
import { Listings } from '../listing/list-folder.js';
import { sendListing } from '../listing/listing-page.js';
import { formatPath, parsePath } from '../listing/url-path.js';
import { PageRefusal } from '../server/refusal.js';
import { wordsFor } from '../words/words-for.js';
import type { Site } from './site.js';

const INDEX = 'index.html';

/** Pages of a site may load everything from its own address, but no inline scripts or styles. */
export const SITE_POLICY =
  "default-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

export interface SiteRoutesOptions {
  readonly site: Site;
  /** The Content-Security-Policy of the site's own files; default `SITE_POLICY` */
  readonly csp?: string | undefined;
  readonly logger?: Logger;
  /** The key for ETags at this address */
  readonly tagKey?: TagKey;
  /** Ends running downloads. */
  readonly signal?: AbortSignal;
}

/**
 * Serves a folder as a static site: files as they are, and for a folder its `index.html` or, without
 * one, a list of its contents.
 */
export function createSiteRoutes(options: SiteRoutesOptions): Router {
  const { site, csp = SITE_POLICY, logger = silentLogger, tagKey, signal } = options;
  const listings = new Listings();
  const router = Router({ caseSensitive: true, strict: true });
  // Express would decode a route parameter before it is checked; a pattern leaves the path as sent.
  router.get(/^\//, async (request, response) => {
    const parsed = parsePath(request.path.slice(1));
    if (parsed === undefined) throw new PageRefusal('not-found');
    const { names, isFolder } = parsed;
    const path = isFolder ? [...names, INDEX] : names;
    using file = site.file(path);
    if (file !== undefined) {
      await serve(request, response, file, path.at(-1) ?? INDEX);
      return;
    }
    using folder = site.folder(names);
    if (folder === undefined) throw new PageRefusal('not-found');
    if (!isFolder) {
      redirectToFolder(request, response);
      return;
    }
    await sendListing(request, response, folder, {
      listings,
      names,
      home: { title: wordsFor(request).site.root, href: '/', names: [] },
      hrefOf: (path) => `/${formatPath(path)}`,
      entryHref: (name, kind) => `./${formatPath([name])}${kind === 'folder' ? '/' : ''}`,
      opensFiles: true,
    });
  });
  return router;

  async function serve(
    request: Request,
    response: Response,
    file: OpenFile,
    name: string,
  ): Promise<void> {
    const representation = fileRepresentation(file, { name, disposition: 'inline' });
    try {
      await serveRepresentation(request, response, representation, { policy: csp, signal, tagKey });
    } catch (error) {
      // The client notices, because the connection is closed.
      const why = error instanceof Error ? error.message : String(error);
      logger.warn(`site: the download of ${printable(name)} was cut off: ${why}`);
    }
  }
}

/** By a relative reference, which cannot name another host. */
function redirectToFolder({ originalUrl }: Request, response: Response): void {
  const [, last = '', query = ''] = /([^/?]*)(\?.*)?$/.exec(originalUrl) ?? [];
  response.status(301).set('Location', `./${last}/${query}`).end();
}
