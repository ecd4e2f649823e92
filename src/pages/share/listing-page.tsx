import type { JSX } from 'preact';
import { printable } from '../../base/printable.js';
import { LinkButton } from '../design/button.js';
import { FileTable } from '../design/file-table.js';
import { Icon } from '../design/icon.js';
import { Page } from '../design/layout.js';
import { Trail } from '../design/trail.js';
import { wording } from '../wording.js';
import type { Listing } from './list-folder.js';

export interface ListingPageProps {
  /** Of the folder; undefined for several things that have no name together */
  readonly name: string | undefined;
  /** Folders on the way to this one */
  readonly steps: readonly { readonly name: string; readonly href: string }[];
  readonly listing: Listing;
  /** Of an entry by its name, of a folder with a slash at the end */
  readonly hrefOf: (name: string, kind: 'file' | 'folder') => string;
  /** Where all of it is at once: an archive, or the only file; undefined where there is nothing */
  readonly whole: { readonly href: string; readonly isArchive: boolean } | undefined;
  /** Whether the browser shows files where it can; by default it keeps them. */
  readonly opensFiles?: boolean;
}

/** What is in a folder, and the ways to have it. */
export function ListingPage(props: ListingPageProps): JSX.Element {
  const { steps, listing, hrefOf, whole, opensFiles = false } = props;
  const name = props.name === undefined ? wording.share.title : printable(props.name);
  const rows = listing.entries.map((entry) => ({
    ...entry,
    href: hrefOf(entry.name, entry.kind),
    download: entry.kind === 'file' && !opensFiles ? true : undefined,
  }));
  return (
    <Page title={name}>
      {steps.length > 0 && (
        <Trail steps={steps.map((step) => ({ ...step, name: printable(step.name) }))} here={name} />
      )}
      <div class="head">
        <div>
          <h1>
            <bdi>{name}</bdi>
          </h1>
          <p class="lead">{amountOf(listing)}</p>
          {whole?.isArchive === true && <p class="hint">{wording.share.everythingHint}</p>}
        </div>
        {whole !== undefined && (
          <LinkButton href={whole.href} download="">
            <Icon name="download" />
            {whole.isArchive ? wording.share.everything : wording.share.only}
          </LinkButton>
        )}
      </div>
      <div class="sheet">
        {rows.length === 0 ? (
          <p class="empty">{wording.share.empty}</p>
        ) : (
          <FileTable caption={wording.share.table(name)} rows={rows} />
        )}
      </div>
      {listing.pages > 1 && <Pager {...listing} />}
      {listing.leftOut > 0 && <p class="hint">{wording.share.leftOut(listing.leftOut)}</p>}
    </Page>
  );
}

function amountOf({ total, count }: Listing): string {
  return total === undefined
    ? wording.share.many(count)
    : wording.files.count(total.files, total.bytes);
}

function Pager({ page, pages }: Listing): JSX.Element {
  const { pages: label, page: here, earlier, later } = wording.share;
  return (
    <nav class="row" aria-label={label}>
      {page > 1 && (
        <LinkButton look="quiet" href={`?page=${page - 1}`}>
          {earlier}
        </LinkButton>
      )}
      <span class="hint">{here(page, pages)}</span>
      {page < pages && (
        <LinkButton look="quiet" href={`?page=${page + 1}`}>
          {later}
        </LinkButton>
      )}
    </nav>
  );
}
