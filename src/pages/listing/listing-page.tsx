import type { Request, Response } from 'express';
import type { JSX } from 'preact';
import { printable } from '../../base/printable.js';
import type { Folder } from '../../disk/tree/folder.js';
import { LinkButton } from '../design/button.js';
import { type FasterLink, FileTable } from '../design/file-table.js';
import { Icon } from '../design/icon.js';
import { Page } from '../design/layout.js';
import { sendPage } from '../design/render-page.js';
import { parallelWording } from '../parallel-wording.js';
import { PageRefusal } from '../server/refusal.js';
import { wording } from '../wording.js';
import { type ListedEntry, type Listing, listFolder } from './list-folder.js';

export interface ListingLinks {
  /** The names from the shared root down to this folder */
  readonly names: readonly string[];
  /** The start page: its title, its path, and the names of the folder it shows */
  readonly home: {
    readonly title: string;
    readonly href: string;
    readonly names: readonly string[];
  };
  /** The path of a folder's page, without the slash at its end */
  readonly hrefOf: (names: readonly string[]) => string;
  /** The link of an entry; a folder's ends with a slash */
  readonly entryHref: (name: string, kind: 'file' | 'folder') => string;
  /** Downloads everything: an archive, or the only file; undefined without such a link */
  readonly whole?: (listing: Listing) =>
    | {
        readonly href: string;
        readonly isArchive: boolean;
        readonly faster?: FasterLink | undefined;
      }
    | undefined;
  /** The same over several circuits, for what is worth that */
  readonly entryFaster?: (entry: ListedEntry) => FasterLink | undefined;
  /** Names what cannot be downloaded; by default it is only counted. */
  readonly namesLeftOut?: boolean;
  /** Lets the browser display files if it can; by default it saves them. */
  readonly opensFiles?: boolean;
}

/** Answers with one page of a folder. @throws PageRefusal 'not-found', 'bad-request' */
export async function sendListing(
  { query }: Request,
  response: Response,
  folder: Folder,
  links: ListingLinks,
): Promise<void> {
  const { page = '1' } = query;
  if (typeof page !== 'string' || !/^[1-9]\d{0,6}$/.test(page)) {
    throw new PageRefusal('bad-request');
  }
  const listing = await listFolder(folder, Number(page));
  if (listing.page > listing.pages) throw new PageRefusal('not-found');
  sendPage(response, <ListingPage {...links} listing={listing} />);
}

interface ListingPageProps extends ListingLinks {
  readonly listing: Listing;
}

function ListingPage(props: ListingPageProps): JSX.Element {
  const { names, home, listing, hrefOf, entryHref } = props;
  const { opensFiles = false, namesLeftOut = false } = props;
  const name = printable(names.at(-1) ?? home.title);
  const whole = props.whole?.(listing);
  const steps = names.slice(home.names.length, -1).map((step, index) => ({
    name: printable(step),
    href: `${hrefOf(names.slice(0, home.names.length + index + 1))}/`,
  }));
  const rows = listing.entries.map((entry) => ({
    ...entry,
    href: entryHref(entry.name, entry.kind),
    download: entry.kind === 'file' && !opensFiles ? true : undefined,
    faster: props.entryFaster?.(entry),
  }));
  const [faster] = [whole, ...rows].flatMap((one) => one?.faster ?? []);
  return (
    <Page
      title={name}
      {...(faster && { scripts: [faster.scriptPath], nextScripts: ['download.js'] })}
    >
      {names.length > home.names.length && (
        <Trail steps={[{ name: printable(home.title), href: home.href }, ...steps]} here={name} />
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
          <div class="row">
            {whole.faster !== undefined && (
              <LinkButton look="quiet" href={whole.faster.href} readyPath={whole.faster.readyPath}>
                {parallelWording.everythingFaster}
              </LinkButton>
            )}
            <LinkButton href={whole.href} download="">
              <Icon name="download" />
              {whole.isArchive ? wording.share.everything : wording.share.only}
            </LinkButton>
          </div>
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
      {listing.leftOut.length > 0 && <LeftOut names={listing.leftOut} isNamed={namesLeftOut} />}
    </Page>
  );
}

/** Names of what cannot be downloaded; the rest is counted. */
const LEFT_OUT_NAMED = 20;

interface LeftOutProps {
  readonly names: readonly string[];
  readonly isNamed: boolean;
}

function LeftOut({ names, isNamed }: LeftOutProps): JSX.Element {
  const hint = wording.share.leftOut(names.length);
  if (!isNamed) return <p class="hint">{hint}</p>;
  const named = names.slice(0, LEFT_OUT_NAMED);
  const more = names.length - named.length;
  return (
    <div class="hint">
      <p>{hint}</p>
      <ul>
        {named.map((name) => (
          <li key={name}>
            <bdi>{printable(name)}</bdi>
          </li>
        ))}
        {more > 0 && <li>{wording.share.leftOutMore(more)}</li>}
      </ul>
    </div>
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

interface TrailProps {
  /** From the start page to the parent of this folder */
  readonly steps: readonly { readonly name: string; readonly href: string }[];
  /** The name of this folder */
  readonly here: string;
}

/** Breadcrumbs: the path to this folder. */
export function Trail({ steps, here }: TrailProps): JSX.Element {
  return (
    <nav class="trail" aria-label={wording.layout.trail}>
      <ol>
        {steps.map(({ name, href }) => (
          <li key={href}>
            <a href={href}>
              <bdi>{name}</bdi>
            </a>
          </li>
        ))}
        <li>
          <bdi aria-current="page">{here}</bdi>
        </li>
      </ol>
    </nav>
  );
}
