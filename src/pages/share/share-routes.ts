import express, { type Request, type Response, type Router } from 'express';
import { type Logger, silentLogger } from '../../base/logger.js';
import { localName } from '../../disk/names/local-name.js';
import { type Folder, onlyChild } from '../../disk/tree/folder.js';
import type { SharedTree } from '../../disk/tree/shared-tree.js';
import { fileRepresentation } from '../../onion-http/content/file-representation.js';
import type { TagKey } from '../../onion-http/content/tag-key.js';
import type { SignedLinks } from '../../onion-http/signed-links.js';
import { Checksums } from '../../zip/checksums.js';
import { ZipPlans } from '../../zip/zip-plans.js';
import { zipRepresentation } from '../../zip/zip-representation.js';
import { PageRefusal } from '../server/refusal.js';
import { deliver } from './deliver.js';
import { Downloads } from './downloads.js';
import { showFolder } from './folder-page.js';
import { ARCHIVE_PATH, EVERYTHING_PATH, FILES_PATH, type NamedPath, parsePath } from './paths.js';
import type { Share } from './share.js';

/** Of several things that have no name together */
const EVERYTHING = 'everything';
const EXTENSION = '.zip';

export interface ShareRoutesOptions {
  readonly tree: SharedTree;
  /** Counts, and says when nothing is served any more; by default there is no limit. */
  readonly downloads?: Downloads;
  /** With which pages address downloads, so that browsers can go on with them */
  readonly signedLinks?: SignedLinks;
  /** Of the address at which this is served */
  readonly tagKey?: TagKey;
  readonly logger?: Logger;
  /** Ends what is under way. */
  readonly signal?: AbortSignal;
}

/**
 * Pages to walk through what is shared, each file as it is, and each folder or everything as one
 * archive.
 *
 * `/` is the first page, `/files/a/b/` the page of a folder, `/files/a/c.txt` a file,
 * `/zip/a/b.zip` the folder `a/b` and `/everything.zip` all of it.
 */
export function createShareRoutes(options: ShareRoutesOptions): Router {
  const share: Share = {
    tree: options.tree,
    downloads: options.downloads ?? new Downloads(),
    logger: options.logger ?? silentLogger,
    signal: options.signal,
    checksums: new Checksums(options.signal),
    plans: new ZipPlans(),
    signedLinks: options.signedLinks,
    tagKey: options.tagKey,
  };
  const router = express.Router({ caseSensitive: true, strict: true });
  const open = (): void => share.downloads.assertOpen();
  // Parameters would be decoded before anybody has looked at them; patterns leave paths alone.
  router.get('/', (request, response) => {
    open();
    return showFolder(share, request, response, []);
  });
  router.get(/^\/files\//, (request, response) => {
    open();
    return showPath(share, request, response, pathBelow(FILES_PATH, request));
  });
  router.get(/^\/zip\//, (request, response) => {
    open();
    const { names, isFolder } = pathBelow(ARCHIVE_PATH, request);
    const last = names.at(-1) ?? '';
    if (isFolder || !last.endsWith(EXTENSION)) throw new PageRefusal('not-found');
    const name = last.slice(0, -EXTENSION.length);
    return sendArchive(share, request, response, [...names.slice(0, -1), name]);
  });
  router.get(EVERYTHING_PATH, (request, response) => {
    open();
    return sendArchive(share, request, response, []);
  });
  return router;
}

/** @throws PageRefusal 'not-found' for a path that can name nothing */
function pathBelow(route: string, request: Request): NamedPath {
  const parsed = parsePath(request.path.slice(route.length));
  if (parsed === undefined) throw new PageRefusal('not-found');
  return parsed;
}

async function showPath(
  share: Share,
  request: Request,
  response: Response,
  { names, isFolder }: NamedPath,
): Promise<void> {
  if (isFolder) {
    await showFolder(share, request, response, names);
    return;
  }
  using file = share.tree.file(names);
  if (file !== undefined) {
    const name = localName(names.at(-1) ?? '', 'linux');
    const representation = fileRepresentation(file, { name, disposition: 'attachment' });
    await deliver(share, request, response, representation, { names, isArchive: false });
    return;
  }
  using folder = share.tree.folder(names);
  if (folder === undefined) throw new PageRefusal('not-found');
  response.redirect(`${request.baseUrl}${request.path}/`);
}

async function sendArchive(
  { plans, checksums, ...share }: Share,
  request: Request,
  response: Response,
  names: readonly string[],
): Promise<void> {
  const name = names.at(-1);
  const openRoot = (): Folder | undefined => {
    const parent = share.tree.folder(names.slice(0, -1));
    return parent === undefined || name === undefined ? parent : onlyChild(parent, name);
  };
  const plan = await plans.plan(names.join('/'), openRoot);
  // A folder is in its archive itself; without that there is none.
  if (plan === undefined || (name !== undefined && plan.layout.entries[0]?.kind !== 'folder')) {
    throw new PageRefusal('not-found');
  }
  const representation = zipRepresentation({
    name: localName(name ?? EVERYTHING, 'linux'),
    plan,
    openRoot,
    checksums,
  });
  await deliver(share, request, response, representation, { names, isArchive: true });
}
