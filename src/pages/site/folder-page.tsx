import type { Request, Response } from 'express';
import type { Folder } from '../../disk/tree/folder.js';
import { sendPage } from '../design/render-page.js';
import { PageRefusal } from '../server/refusal.js';
import { pageNumber } from '../share/folder-page.js';
import { listFolder } from '../share/list-folder.js';
import { ListingPage } from '../share/listing-page.js';
import { formatPath } from '../share/paths.js';
import { wording } from '../wording.js';

/** Answers with what is in a folder. @throws PageRefusal 'not-found', 'bad-request' */
export async function showSiteFolder(
  folder: Folder,
  names: readonly string[],
  request: Request,
  response: Response,
): Promise<void> {
  const listing = await listFolder(folder, pageNumber(request));
  if (listing.page > listing.pages) throw new PageRefusal('not-found');
  const root = { name: wording.site.root, href: '/' };
  const between = names.slice(0, -1).map((name, index) => ({
    name,
    href: `/${formatPath(names.slice(0, index + 1))}/`,
  }));
  sendPage(
    response,
    <ListingPage
      name={names.at(-1) ?? root.name}
      steps={names.length > 0 ? [root, ...between] : []}
      listing={listing}
      hrefOf={(name, kind) => `./${formatPath([name])}${kind === 'folder' ? '/' : ''}`}
      whole={undefined}
      opensFiles
    />,
  );
}
