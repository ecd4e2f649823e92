import type { Request, Response } from 'express';
import type { SharedTree } from '../../disk/tree/shared-tree.js';
import type { SignedLinks } from '../../onion-http/signed-links.js';
import { sendPage } from '../design/render-page.js';
import { PageRefusal } from '../server/refusal.js';
import { wording } from '../wording.js';
import { listFolder } from './list-folder.js';
import { ListingPage } from './listing-page.js';
import { ARCHIVE_PATH, EVERYTHING_PATH, FILES_PATH, formatPath } from './paths.js';

/** Answers with the page of a folder. @throws PageRefusal 'not-found', 'bad-request' */
export async function showFolder(
  {
    tree,
    signedLinks,
  }: { readonly tree: SharedTree; readonly signedLinks?: SignedLinks | undefined },
  request: Request,
  response: Response,
  asked: readonly string[],
): Promise<void> {
  const home = homeOf(tree);
  const names = asked.length === 0 ? home : asked;
  using folder = tree.folder(names);
  if (folder === undefined) throw new PageRefusal('not-found');
  const listing = await listFolder(folder, pageNumber(request));
  if (listing.page > listing.pages) throw new PageRefusal('not-found');

  const { baseUrl } = request;
  const hrefOf = (way: readonly string[]): string => `${baseUrl}${FILES_PATH}${formatPath(way)}`;
  const download = (path: string): string => signedLinks?.sign(path) ?? path;
  const first = { name: home.at(-1) ?? wording.share.title, href: `${baseUrl}/` };
  const between = names.slice(home.length, -1).map((name, index) => ({
    name,
    href: `${hrefOf(names.slice(0, home.length + index + 1))}/`,
  }));
  const [only] = listing.entries;
  // A single file that was named needs no archive.
  const isArchive = names.length > 0 || listing.count > 1;
  const whole = isArchive ? `${baseUrl}${archivePath(names)}` : hrefOf([only?.name ?? '']);
  sendPage(
    response,
    <ListingPage
      name={names.at(-1)}
      steps={names.length > home.length ? [first, ...between] : []}
      listing={listing}
      hrefOf={(name, kind) => {
        const path = hrefOf([...names, name]);
        return kind === 'folder' ? `${path}/` : download(path);
      }}
      whole={only === undefined ? undefined : { href: download(whole), isArchive }}
    />,
  );
}

/** Where the first page is: in the one folder that is shared, or above the several things. */
function homeOf(tree: SharedTree): readonly string[] {
  using top = tree.folder([]);
  const [single, ...others] = top?.names() ?? [];
  const isFolder =
    single !== undefined && others.length === 0 && top?.look(single)?.isDirectory() === true;
  return isFolder ? [single] : [];
}

function archivePath(names: readonly string[]): string {
  return names.length === 0 ? EVERYTHING_PATH : `${ARCHIVE_PATH}${formatPath(names)}.zip`;
}

/** @throws PageRefusal 'bad-request' */
export function pageNumber({ query }: Request): number {
  const { page = '1' } = query;
  if (typeof page !== 'string' || !/^[1-9]\d{0,6}$/.test(page)) {
    throw new PageRefusal('bad-request');
  }
  return Number(page);
}
