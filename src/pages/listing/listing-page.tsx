import type { Request, Response } from 'express';
import type { JSX } from 'preact';
import { printable } from '../../base/printable.js';
import type { Folder } from '../../disk/tree/folder.js';
import { MANIFEST_ENTRIES_MAX, PATH_DEPTH_MAX } from '../../stream/manifest.js';
import type { Counted } from '../../zip/entry-counts.js';
import { Button, LinkButton } from '../design/button.js';
import { type FasterLink, FileTable } from '../design/file-table.js';
import { Icon } from '../design/icon.js';
import { Page } from '../design/layout.js';
import { Pager } from '../design/pager.js';
import { sendPage } from '../design/render-page.js';
import { useWords } from '../design/use-words.js';
import { PageRefusal } from '../server/refusal.js';
import type { Words } from '../words/words.js';
import type { ListedEntry, Listing, Listings } from './list-folder.js';
import { hrefOfView, parametersOf, SEARCH_MAX, type SortedBy, type View, viewOf } from './view.js';

/** Where pages lead back to. */
export interface Way {
  /** The start page: its title, its path, and the names of the folder it shows */
  readonly home: {
    readonly title: string;
    readonly href: string;
    readonly names: readonly string[];
  };
  /** The path of a folder's page, without the slash at its end */
  readonly hrefOf: (names: readonly string[]) => string;
}

export interface ListingLinks extends Way {
  /** The names from the shared root down to this folder */
  readonly names: readonly string[];
  /** The link of an entry; a folder's ends with a slash */
  readonly entryHref: (name: string, kind: 'file' | 'folder') => string;
  /** Of which folders no archive can be made; asked where there is too much to count on the way */
  readonly tooMuchFor?: () => Promise<Counted>;
  /** Downloads everything: an archive, or the only file; undefined without such a link */
  readonly whole?: (listing: Listing) =>
    | {
        readonly href: string;
        readonly isArchive: boolean;
        readonly faster?: FasterLink | undefined;
      }
    | undefined;
  /** Shows a file in the browser; undefined if it cannot be shown safely */
  readonly entryPreview?: (entry: ListedEntry) => string | undefined;
  /** Downloads a folder as an archive; undefined if there can be none */
  readonly entryArchive?: (entry: ListedEntry) => string | undefined;
  /** The same over several circuits, for what is worth that */
  readonly entryFaster?: (entry: ListedEntry) => FasterLink | undefined;
  /** Names what cannot be downloaded; by default it is only counted. */
  readonly namesLeftOut?: boolean;
  /** Lets the browser display files if it can; by default it saves them. */
  readonly opensFiles?: boolean;
}

/** Answers with one page of a folder. @throws PageRefusal 'not-found', 'bad-request' */
export async function sendListing(
  request: Request,
  response: Response,
  folder: Folder,
  { listings, tooMuchFor, ...links }: ListingLinks & { readonly listings: Listings },
): Promise<void> {
  const view = viewOf(request);
  const listing = await listings.list(folder, links.names, view);
  if (view.page > listing.pages) throw new PageRefusal('not-found');
  const tooMuch = listing.total === undefined ? await tooMuchFor?.() : undefined;
  sendPage(response, <ListingPage {...{ ...links, listing, tooMuch }} />);
}

interface ListingPageProps extends Omit<ListingLinks, 'tooMuchFor'> {
  readonly listing: Listing;
  readonly tooMuch: Counted | undefined;
}

function ListingPage(props: ListingPageProps): JSX.Element {
  const wording = useWords();
  const { names, home, listing, tooMuch, hrefOf, entryHref } = props;
  const { opensFiles = false, namesLeftOut = false } = props;
  const name = printable(names.at(-1) ?? home.title);
  const { view } = listing;
  const isSearch = view.search !== '';
  // It would not be what was searched for.
  const all = isSearch ? undefined : props.whole?.(listing);
  const whole = all?.isArchive === true && tooMuch?.isTooMuch === true ? undefined : all;
  const rows = listing.entries.map((entry) => ({
    ...entry,
    href: entryHref(entry.name, entry.kind),
    download: entry.kind === 'file' && !opensFiles ? true : undefined,
    faster: props.entryFaster?.(entry),
    archive: tooMuch?.tooMuch.has(entry.name) === true ? undefined : props.entryArchive?.(entry),
    preview: props.entryPreview?.(entry),
  }));
  const [faster] = [whole, ...rows].flatMap((one) => one?.faster ?? []);
  return (
    <Page
      title={name}
      {...(faster && { scripts: [faster.scriptPath], nextScripts: ['download.js'] })}
    >
      {names.length > home.names.length && (
        <Trail steps={stepsTo(names.slice(0, -1), { home, hrefOf })} here={name} />
      )}
      <div class="head">
        <div>
          <h1>
            <bdi>{name}</bdi>
          </h1>
          <p class="lead">{amountOf(listing, wording)}</p>
          {whole?.isArchive === true && <p class="hint">{wording.share.everythingHint}</p>}
          {tooMuch?.isTooMuch === true && (
            <p class="hint">{wording.share.tooMuchForZip(MANIFEST_ENTRIES_MAX, PATH_DEPTH_MAX)}</p>
          )}
        </div>
        {whole !== undefined && (
          <div class="row">
            {whole.faster !== undefined && (
              <LinkButton look="quiet" href={whole.faster.href} readyPath={whole.faster.readyPath}>
                {wording.parallel.everythingFaster}
              </LinkButton>
            )}
            <LinkButton href={whole.href} download="">
              <Icon name="download" />
              {whole.isArchive ? wording.share.everything : wording.share.only}
            </LinkButton>
          </div>
        )}
      </div>
      {(isSearch || listing.all > SEARCHED_FROM) && <Search view={view} />}
      <div class="sheet">
        {rows.length === 0 ? (
          <p class="empty">
            {isSearch ? wording.share.notFound(printable(view.search)) : wording.share.empty}
          </p>
        ) : (
          <FileTable
            caption={wording.share.table(name)}
            rows={rows}
            sorting={{ ...view, hrefOf: (by) => hrefOfView(sortedBy(view, by)) }}
          />
        )}
      </div>
      {listing.pages > 1 && <Pages {...listing} />}
      {listing.leftOut.count > 0 && !isSearch && (
        <LeftOut {...listing.leftOut} isNamed={namesLeftOut} />
      )}
    </Page>
  );
}

/** The trail from the start page down to a folder. */
export function stepsTo(names: readonly string[], { home, hrefOf }: Way): Step[] {
  const below = names.slice(home.names.length).map((step, index) => ({
    name: printable(step),
    href: `${hrefOf(names.slice(0, home.names.length + index + 1))}/`,
  }));
  return [{ name: printable(home.title), href: home.href }, ...below];
}

/** Entries that are seen at one glance. */
const SEARCHED_FROM = 10;

/** Clicking the column that sorts turns the order round. Large and recent ones come first. */
function sortedBy({ search, ...view }: View, by: SortedBy): View {
  const isDescending = view.sortedBy === by ? !view.isDescending : by !== 'name';
  return { search, sortedBy: by, isDescending, page: 1 };
}

/** Works without scripts. The order stays. */
function Search({ view }: { readonly view: View }): JSX.Element {
  const wording = useWords();
  const { search, searchButton, searchEnd } = wording.share;
  return (
    <form class="search" role="search" method="get">
      <label for="q">{search}</label>
      <input
        id="q"
        name="q"
        type="search"
        value={view.search}
        maxLength={SEARCH_MAX}
        autocomplete="off"
        autocapitalize="none"
        spellcheck={false}
      />
      <HiddenFields view={{ ...view, search: '', page: 1 }} />
      <Button look="quiet">{searchButton}</Button>
      {view.search !== '' && (
        <LinkButton look="quiet" href={hrefOfView({ ...view, search: '', page: 1 })}>
          {searchEnd}
        </LinkButton>
      )}
    </form>
  );
}

function HiddenFields({ view }: { readonly view: View }): JSX.Element {
  return (
    <>
      {parametersOf(view).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
    </>
  );
}

function Pages({ view, pages }: Listing): JSX.Element {
  const wording = useWords();
  return (
    <Pager
      label={wording.share.pages}
      page={view.page}
      pages={pages}
      hrefOf={(page) => hrefOfView({ ...view, page })}
    >
      <HiddenFields view={{ ...view, page: 1 }} />
    </Pager>
  );
}

function LeftOut({
  count,
  named,
  isNamed,
}: Listing['leftOut'] & { readonly isNamed: boolean }): JSX.Element {
  const wording = useWords();
  const { leftOut, leftOutBecause, leftOutMore } = wording.share;
  const hint = leftOut(count);
  if (!isNamed) return <p class="hint">{hint}</p>;
  const more = count - named.length;
  return (
    <div class="hint">
      <p>{hint}</p>
      <ul>
        {named.map(({ name, why }) => (
          <li key={name}>
            <bdi>{printable(name)}</bdi>: {leftOutBecause[why]}
          </li>
        ))}
        {more > 0 && <li>{leftOutMore(more)}</li>}
      </ul>
    </div>
  );
}

function amountOf({ view, total, count, all }: Listing, wording: Words): string {
  if (view.search !== '') return wording.share.found(count, all);
  return total === undefined
    ? wording.share.many(count)
    : wording.files.count(total.files, total.bytes);
}

export interface Step {
  readonly name: string;
  readonly href: string;
}

interface TrailProps {
  /** From the start page to the parent of this folder or file */
  readonly steps: readonly Step[];
  /** Its name */
  readonly here: string;
}

/** Breadcrumbs: the path to this folder or file. */
export function Trail({ steps, here }: TrailProps): JSX.Element {
  const wording = useWords();
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
