import express, { type Request, type Response, type Router } from 'express';
import { type Logger, silentLogger } from '../../base/logger.js';
import { printable } from '../../base/printable.js';
import { localName } from '../../disk/names/local-name.js';
import { type Folder, onlyChild } from '../../disk/tree/folder.js';
import type { SharedTree } from '../../disk/tree/shared-tree.js';
import type { SignedLinks } from '../../onion-http/basic-auth.js';
import { fileRepresentation } from '../../onion-http/content/file-representation.js';
import type { TagKey } from '../../onion-http/content/representation.js';
import {
  type Representation,
  serveRepresentation,
} from '../../onion-http/content/representation.js';
import { Checksums } from '../../zip/checksums.js';
import { ZipPlans } from '../../zip/plan-zip.js';
import { zipRepresentation } from '../../zip/zip-representation.js';
import { sendListing } from '../listing/listing-page.js';
import { formatPath, type NamedPath, parsePath } from '../listing/url-path.js';
import { PageRefusal } from '../server/refusal.js';
import { wording } from '../wording.js';
import { Downloads, type Represented } from './downloads.js';

const FILES_PATH = '/files/';
const ARCHIVE_PATH = '/zip/';
const EVERYTHING_PATH = '/everything.zip';
/** The name of the archive of several things, which have no name together */
const EVERYTHING = 'everything';
const EXTENSION = '.zip';

export interface ShareRoutesOptions {
  readonly tree: SharedTree;
  /** Counts downloads and ends the share at its limit; by default there is no limit. */
  readonly downloads?: Downloads;
  /** Signs the links to downloads, so that browsers can resume without a password */
  readonly signedLinks?: SignedLinks;
  /** The key for ETags at this address */
  readonly tagKey?: TagKey;
  /** Serves files that grow as long as they are when they are asked for; not in archives. */
  readonly mayGrow?: boolean;
  readonly logger?: Logger;
  /** Ends running downloads. */
  readonly signal?: AbortSignal;
}

/**
 * Pages to browse shared files, each file as it is, and each folder or everything as one archive.
 *
 * `/` is the start page, `/files/a/b/` the page of a folder, `/files/a/c.txt` a file,
 * `/zip/a/b.zip` the folder `a/b` and `/everything.zip` all of it.
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
  router.get(/^\/files\//, (request, response) =>
    share.showPath(request, response, pathBelow(FILES_PATH, request)),
  );
  router.get(/^\/zip\//, (request, response) => {
    const { names, isFolder } = pathBelow(ARCHIVE_PATH, request);
    const last = names.at(-1) ?? '';
    if (isFolder || !last.endsWith(EXTENSION)) throw new PageRefusal('not-found');
    const name = last.slice(0, -EXTENSION.length);
    return share.sendArchive(request, response, [...names.slice(0, -1), name]);
  });
  router.get(EVERYTHING_PATH, (request, response) => share.sendArchive(request, response, []));
  return router;
}

/** @throws PageRefusal 'not-found' for a path that cannot name anything */
function pathBelow(route: string, request: Request): NamedPath {
  const parsed = parsePath(request.path.slice(route.length));
  if (parsed === undefined) throw new PageRefusal('not-found');
  return parsed;
}

class Share {
  readonly downloads: Downloads;
  readonly #options: ShareRoutesOptions;
  readonly #tree: SharedTree;
  readonly #checksums: Checksums;
  readonly #plans = new ZipPlans();

  constructor(options: ShareRoutesOptions) {
    this.downloads = options.downloads ?? new Downloads();
    this.#options = options;
    this.#tree = options.tree;
    this.#checksums = new Checksums(options.signal);
  }

  async showFolder(request: Request, response: Response, asked: readonly string[]): Promise<void> {
    this.downloads.assertOpen();
    const home = this.#home();
    const names = asked.length === 0 ? home : asked;
    using folder = this.#tree.folder(names);
    if (folder === undefined) throw new PageRefusal('not-found');
    const { baseUrl } = request;
    const { signedLinks } = this.#options;
    const hrefOf = (path: readonly string[]): string =>
      `${baseUrl}${FILES_PATH}${formatPath(path)}`;
    const download = (path: string): string => signedLinks?.sign(path) ?? path;
    await sendListing(request, response, folder, {
      names,
      home: { title: home.at(-1) ?? wording.share.title, href: `${baseUrl}/`, names: home },
      hrefOf,
      namesLeftOut: true,
      entryHref(name, kind) {
        const path = hrefOf([...names, name]);
        return kind === 'folder' ? `${path}/` : download(path);
      },
      whole({ entries: [only], count }) {
        if (only === undefined) return undefined;
        // A single file that was shared by name needs no archive.
        const isArchive = names.length > 0 || count > 1;
        const path = isArchive ? `${baseUrl}${archivePath(names)}` : hrefOf([only.name]);
        return { href: download(path), isArchive };
      },
    });
  }

  async showPath(
    request: Request,
    response: Response,
    { names, isFolder }: NamedPath,
  ): Promise<void> {
    if (isFolder) {
      await this.showFolder(request, response, names);
      return;
    }
    using file = this.#tree.file(names);
    if (file !== undefined) {
      const name = localName(names.at(-1) ?? '', 'linux');
      const { mayGrow = false } = this.#options;
      const as = { name, disposition: 'attachment', mayGrow } as const;
      const representation = fileRepresentation(file, as);
      await this.#deliver(request, response, representation, { names, isArchive: false });
      return;
    }
    this.downloads.assertOpen();
    using folder = this.#tree.folder(names);
    if (folder === undefined) throw new PageRefusal('not-found');
    response.redirect(`${request.baseUrl}${request.path}/`);
  }

  async sendArchive(request: Request, response: Response, names: readonly string[]): Promise<void> {
    const name = names.at(-1);
    const openRoot = (): Folder | undefined => {
      const parent = this.#tree.folder(names.slice(0, -1));
      return parent === undefined || name === undefined ? parent : onlyChild(parent, name);
    };
    const plan = await this.#plans.plan(names.join('/'), openRoot);
    // The archive of a folder begins with the folder itself; anything else is not a folder.
    if (plan === undefined || (name !== undefined && plan.layout.entries[0]?.kind !== 'folder')) {
      this.downloads.assertOpen();
      throw new PageRefusal('not-found');
    }
    const representation = zipRepresentation({
      name: localName(name ?? EVERYTHING, 'linux'),
      plan,
      openRoot,
      checksums: this.#checksums,
    });
    await this.#deliver(request, response, representation, { names, isArchive: true });
  }

  /** Serves a file or an archive, and counts what is delivered. */
  async #deliver(
    request: Request,
    response: Response,
    representation: Representation,
    of: Represented,
  ): Promise<void> {
    const { logger = silentLogger, signal, tagKey } = this.#options;
    this.downloads.assertMayAsk(representation, of);
    using delivery = this.downloads.begin(request, response, representation, of);
    try {
      await serveRepresentation(request, response, representation, {
        onDelivered: (part) => delivery.delivered(part),
        ...{ signal, tagKey },
      });
    } catch (error) {
      // The client notices, because the connection is closed.
      const why = error instanceof Error ? error.message : String(error);
      logger.warn(`share: the download of ${printable(representation.name)} was cut off: ${why}`);
    }
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

function archivePath(names: readonly string[]): string {
  return names.length === 0 ? EVERYTHING_PATH : `${ARCHIVE_PATH}${formatPath(names)}${EXTENSION}`;
}
