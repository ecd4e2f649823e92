import type { ServerResponse } from 'node:http';
import express, { type Request, type Response, type Router } from 'express';
import { type Logger, silentLogger } from '../../base/logger.js';
import { printable } from '../../base/printable.js';
import type { SharedTree } from '../../disk/tree/shared-tree.js';
import type { SignedLinks } from '../../onion-http/basic-auth.js';
import { pour } from '../../onion-http/content/pour.js';
import { serveRepresentation, type TagKey } from '../../onion-http/content/representation.js';
import type { FasterLink } from '../design/file-table.js';
import { Listings } from '../listing/list-folder.js';
import { sendListing, type Way } from '../listing/listing-page.js';
import {
  FILES_PATH,
  type Opened,
  pathOf,
  type Represented,
  representedAt,
} from '../listing/represented.js';
import { formatPath, parsePath } from '../listing/url-path.js';
import { isWorthParallel } from '../parallel/limits.js';
import { createParallel, type Part } from '../parallel/parallel-routes.js';
import { AT_ONCE, PARALLEL_PATHS } from '../parallel/plan.js';
import type { Siblings } from '../parallel/siblings.js';
import { PageRefusal } from '../server/refusal.js';
import { policyToFetchFrom } from '../server/security-headers.js';
import { wordsFor } from '../words/words-for.js';
import { Downloads } from './downloads.js';
import { previewOf } from './preview.js';
import { createPreviewRoutes, VIEW_PATH } from './preview-routes.js';
import { SharedContent, type SharedContentOptions } from './shared-content.js';

export interface ShareRoutesOptions extends SharedContentOptions {
  /** Counts downloads and ends the share at its limit; by default there is no limit. */
  readonly downloads?: Downloads;
  /** Signs the links to downloads, so that browsers can resume without a password */
  readonly signedLinks?: SignedLinks;
  /** The key for ETags at this address */
  readonly tagKey?: TagKey;
  /** Lets visitors look at pictures and texts in the browser, which counts as a download. */
  readonly hasPreviews?: boolean;
  /** Lets pages fetch what is large over several addresses; by default they do not. */
  readonly parallel?: { readonly siblings: Siblings; readonly origin: string } | undefined;
  readonly logger?: Logger;
}

/**
 * Pages to browse shared files, each file as it is, and each folder or everything as one archive.
 *
 * `/` is the start page, `/files/a/b/` the page of a folder, `/files/a/c.txt` a file,
 * `/zip/a/b.zip` the folder `a/b` and `/everything.zip` all of it. `/view/a/c.png` shows a picture or
 * a text.
 */
export function createShareRoutes(options: ShareRoutesOptions): Router {
  const share = new Share(options);
  const router = express.Router({ caseSensitive: true, strict: true });
  router.use((request, _response, next) => {
    share.downloads.asked(request);
    next();
  });
  // Express would decode route parameters before they are checked; patterns leave the path as sent.
  router.get('/', (request, response) => share.showFolder(request, response, []));
  router.get(/^\/files\//, (request, response) => share.showPath(request, response));
  router.get([/^\/zip\//, '/everything.zip'], (request, response) =>
    share.sendArchive(request, response),
  );
  if (options.hasPreviews === true) {
    const { content, downloads } = share;
    router.use(
      createPreviewRoutes({
        ...{ content, downloads },
        wayFrom: (request) => share.wayFrom(request),
        download: (path) => share.download(path),
        deliver: (...reply) => share.deliver(...reply),
      }),
    );
  }
  const { parallel } = options;
  if (parallel !== undefined) {
    const { routes, answer } = createParallel({
      ...parallel,
      open: (what) => share.content.open(what),
      plainHref: (path) => options.signedLinks?.sign(path) ?? path,
      assertMayAsk: (download) => share.downloads.assertMayAssemble(download),
      takePlace: (request) => share.downloads.takePlace(request),
      deliver: (response, part) => share.deliverPart(response, part),
      received: ({ download }) => share.downloads.received(download),
      signal: options.signal ?? new AbortController().signal,
    });
    router.use(routes);
    parallel.siblings.answerWith(answer);
  }
  return router;
}

class Share {
  readonly downloads: Downloads;
  readonly content: SharedContent;
  readonly #options: ShareRoutesOptions;
  readonly #tree: SharedTree;
  readonly #listings = new Listings();

  constructor(options: ShareRoutesOptions) {
    this.downloads = options.downloads ?? new Downloads();
    this.#options = options;
    this.#tree = options.tree;
    this.content = new SharedContent(options);
  }

  async showFolder(request: Request, response: Response, asked: readonly string[]): Promise<void> {
    this.downloads.assertOpen();
    const { hrefOf, home } = this.wayFrom(request);
    const names = asked.length === 0 ? home.names : asked;
    using folder = this.#tree.folder(names);
    if (folder === undefined) throw new PageRefusal('not-found');
    const { baseUrl } = request;
    const { hasPreviews = false } = this.#options;
    const download = (path: string): string => this.download(path);
    const faster = (what: Represented, bytes: number | undefined): FasterLink | undefined => {
      const { parallel } = this.#options;
      if (parallel === undefined || !isWorthParallel(bytes)) return undefined;
      // The page's script greets them.
      response.set('Content-Security-Policy', policyToFetchFrom(parallel.siblings.origins));
      const { page, ready, script } = PARALLEL_PATHS;
      const href = `${baseUrl}${page}${pathOf(what)}#${AT_ONCE}`;
      return { href, readyPath: `${baseUrl}${ready}`, scriptPath: `${baseUrl}${script}` };
    };
    await sendListing(request, response, folder, {
      listings: this.#listings,
      tooMuchFor: () => this.content.tooMuchFor(names),
      names,
      ...{ hrefOf, home },
      namesLeftOut: true,
      entryHref(name, kind) {
        const path = hrefOf([...names, name]);
        return kind === 'folder' ? `${path}/` : download(path);
      },
      entryFaster: ({ name, bytes, kind }) =>
        kind === 'file' ? faster({ names: [...names, name], isArchive: false }, bytes) : undefined,
      entryPreview: ({ name, kind, bytes }) =>
        hasPreviews && kind === 'file' && previewOf(name, bytes ?? 0) !== undefined
          ? `${baseUrl}${VIEW_PATH}${formatPath([...names, name])}`
          : undefined,
      entryArchive: ({ name, kind }) =>
        kind === 'folder'
          ? download(`${baseUrl}${pathOf({ names: [...names, name], isArchive: true })}`)
          : undefined,
      whole({ entries: [only], count, total }) {
        if (only === undefined) return undefined;
        // A single file that was shared by name needs no archive.
        const isArchive = names.length > 0 || count > 1;
        const what = { names: isArchive ? names : [only.name], isArchive };
        return {
          href: download(`${baseUrl}${pathOf(what)}`),
          isArchive,
          faster: faster(what, total?.bytes),
        };
      },
    });
  }

  async showPath(request: Request, response: Response): Promise<void> {
    const parsed = parsePath(request.path.slice(FILES_PATH.length));
    if (parsed === undefined) throw new PageRefusal('not-found');
    const { names, isFolder } = parsed;
    if (isFolder) {
      await this.showFolder(request, response, names);
      return;
    }
    using file = this.content.openFile(names);
    if (file !== undefined) {
      await this.deliver(request, response, file, { names, isArchive: false });
      return;
    }
    this.downloads.assertOpen();
    using folder = this.#tree.folder(names);
    if (folder === undefined) throw new PageRefusal('not-found');
    response.redirect(`${request.baseUrl}${request.path}/`);
  }

  async sendArchive(request: Request, response: Response): Promise<void> {
    const what = representedAt(request.path);
    if (what === undefined) throw new PageRefusal('not-found');
    using archive = await this.content.open(what);
    if (archive === undefined) {
      this.downloads.assertOpen();
      throw new PageRefusal('not-found');
    }
    await this.deliver(request, response, archive, what);
  }

  /** Where pages lead back to. */
  wayFrom(request: Request): Way {
    const { baseUrl } = request;
    const home = this.#home();
    return {
      home: {
        title: home.at(-1) ?? wordsFor(request).share.title,
        href: `${baseUrl}/`,
        names: home,
      },
      hrefOf: (path) => `${baseUrl}${FILES_PATH}${formatPath(path)}`,
    };
  }

  /** The link to a download. */
  download(path: string): string {
    return this.#options.signedLinks?.sign(path) ?? path;
  }

  /** Writes a part of a download that a page puts together, and counts it. */
  async deliverPart(
    response: ServerResponse,
    { representation, range, ticket }: Part,
  ): Promise<void> {
    using delivery = this.downloads.beginPart(ticket.download, representation, ticket.what);
    try {
      await pour(response, range, (part, signal) => representation.open(part, signal), {
        onDelivered: (part) => delivery.delivered(part),
        signal: this.#options.signal,
      });
    } catch (error) {
      this.#warn(representation.name, error);
    }
  }

  /** Serves a file or an archive, and counts what is delivered. */
  async deliver(
    request: Request,
    response: Response,
    { representation }: Opened,
    of: Represented,
  ): Promise<void> {
    const { signal, tagKey } = this.#options;
    this.downloads.assertMayAsk(representation, of);
    using delivery = this.downloads.begin(request, response, representation, of);
    try {
      await serveRepresentation(request, response, representation, {
        onDelivered: (part) => delivery.delivered(part),
        ...{ signal, tagKey },
      });
    } catch (error) {
      this.#warn(representation.name, error);
    }
  }

  /** The client notices, because the connection is closed. */
  #warn(name: string, error: unknown): void {
    const { logger = silentLogger } = this.#options;
    const why = error instanceof Error ? error.message : String(error);
    logger.warn(`share: the download of ${printable(name)} was cut off: ${why}`);
  }

  /** The folder the start page shows: the only shared folder, or the list of shared things. */
  #home(): readonly string[] {
    using top = this.#tree.folder([]);
    const [single, ...others] = top?.names() ?? [];
    const isFolder =
      single !== undefined && others.length === 0 && top?.look(single)?.isDirectory() === true;
    return isFolder ? [single] : [];
  }
}
