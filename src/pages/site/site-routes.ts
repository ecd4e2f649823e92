import { type Request, type Response, Router } from 'express';
import { type Logger, silentLogger } from '../../base/logger.js';
import { printable } from '../../base/printable.js';
import type { OpenFile } from '../../disk/tree/folder.js';
import { fileRepresentation } from '../../onion-http/content/file-representation.js';
import { serveRepresentation } from '../../onion-http/content/representation.js';
import type { TagKey } from '../../onion-http/content/tag-key.js';
import { PageRefusal } from '../server/refusal.js';
import { parsePath } from '../share/paths.js';
import { showSiteFolder } from './folder-page.js';
import type { Site } from './site.js';

const INDEX = 'index.html';

/** A site has its own pages do all that this address itself serves, and nothing inside a page. */
export const SITE_POLICY =
  "default-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

export interface SiteRoutesOptions {
  readonly site: Site;
  /** The Content-Security-Policy of what lies in the folder; default `SITE_POLICY`. */
  readonly csp?: string | undefined;
  readonly logger?: Logger;
  /** Of the address at which this is served */
  readonly tagKey?: TagKey;
  /** Ends what is under way. */
  readonly signal?: AbortSignal;
}

/**
 * A folder as a static site: files as they are, a folder by its `index.html`, or else by a list of
 * what is in it.
 */
export function createSiteRoutes(options: SiteRoutesOptions): Router {
  const { site, csp = SITE_POLICY, logger = silentLogger, tagKey, signal } = options;
  const router = Router({ caseSensitive: true, strict: true });
  // A parameter would be decoded before anybody has looked at it; a pattern leaves the path alone.
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
    if (isFolder) await showSiteFolder(folder, names, request, response);
    else redirectToFolder(request, response);
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
      // Its reader has seen it: the connection is closed.
      const why = error instanceof Error ? error.message : String(error);
      logger.warn(`site: ${printable(name)} was broken off: ${why}`);
    }
  }
}

/** By a relative reference, in which no host is named, and none can be. */
function redirectToFolder({ originalUrl }: Request, response: Response): void {
  const [, last = '', query = ''] = /([^/?]*)(\?.*)?$/.exec(originalUrl) ?? [];
  response.status(301).set('Location', `./${last}/${query}`).end();
}
