import type { JSX } from 'preact';
import { printable } from '../../base/printable.js';
import { Icon } from './icon.js';
import { useWords } from './use-words.js';

/** To a page that downloads it over several circuits. A script shows it: that page needs one, too. */
export interface FasterLink {
  readonly href: string;
  /** Asked by the script as soon as it shows such a link, to save time later */
  readonly readyPath: string;
  /** The script of the page */
  readonly scriptPath: string;
}

export interface FileRow {
  readonly kind: 'file' | 'folder';
  readonly name: string;
  /** Already encoded */
  readonly href: string;
  /** Of a folder: of everything in it; undefined if unknown */
  readonly bytes?: number | undefined;
  readonly modified?: Date | undefined;
  /** Whether the browser saves the target; undefined lets it decide */
  readonly download?: boolean | undefined;
  readonly faster?: FasterLink | undefined;
  /** Shows the file in the browser */
  readonly preview?: string | undefined;
  /** Of a folder: downloads all that is in it */
  readonly archive?: string | undefined;
}

type Column = 'name' | 'size' | 'time';

/** How the rows are sorted, and where a column's head leads. */
export interface Sorting {
  readonly sortedBy: Column;
  readonly isDescending: boolean;
  readonly hrefOf: (column: Column) => string;
}

export interface FileTableProps {
  /** For screen readers */
  readonly caption: string;
  readonly rows: readonly FileRow[];
  readonly sorting: Sorting;
}

/** Names, sizes and times. On a narrow screen the time is below the name. */
export function FileTable({ caption, rows, sorting }: FileTableProps): JSX.Element {
  const sortOf = (column: Column): 'ascending' | 'descending' | undefined => {
    if (sorting.sortedBy !== column) return undefined;
    return sorting.isDescending ? 'descending' : 'ascending';
  };
  return (
    <table class="files">
      <caption class="unseen">{caption}</caption>
      <thead>
        <tr>
          <th scope="col" aria-sort={sortOf('name')}>
            <SortLink column="name" sorting={sorting} />
            <span class="narrow">
              <SortLink column="time" sorting={sorting} />
            </span>
          </th>
          <th scope="col" class="size" aria-sort={sortOf('size')}>
            <SortLink column="size" sorting={sorting} />
          </th>
          <th scope="col" class="when" aria-sort={sortOf('time')}>
            <SortLink column="time" sorting={sorting} />
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <Row key={row.href} {...row} />
        ))}
      </tbody>
    </table>
  );
}

interface SortLinkProps {
  readonly column: Column;
  readonly sorting: Sorting;
}

function SortLink({ column, sorting }: SortLinkProps): JSX.Element {
  const wording = useWords();
  const { sortedBy, isDescending, hrefOf } = sorting;
  return (
    <a class="sort" href={hrefOf(column)}>
      {wording.files.columns[column]}
      {sortedBy === column && <span aria-hidden="true"> {isDescending ? '↓' : '↑'}</span>}
    </a>
  );
}

function Row(row: FileRow): JSX.Element {
  const wording = useWords();
  const { kind, name, href, bytes, modified, download, faster, archive, preview } = row;
  const about = (text: string): string => `${text} ${printable(name)}`;
  return (
    <tr>
      <th scope="row">
        <div class="named">
          <a class="entry" href={href} download={download}>
            <Icon name={kind} />
            <span class="entry-name">
              {kind === 'folder' && <span class="unseen">{wording.files.folder} </span>}
              <bdi>{printable(name)}</bdi>
            </span>
          </a>
          {preview !== undefined && (
            <a class="extra" href={preview} aria-label={about(wording.files.preview)}>
              {wording.files.preview}
            </a>
          )}
          {faster && (
            <a
              class="extra faster"
              href={faster.href}
              data-ready={faster.readyPath}
              aria-label={about(wording.parallel.faster)}
              hidden
            >
              {wording.parallel.faster}
            </a>
          )}
          {archive !== undefined && (
            <a class="extra" href={archive} download aria-label={about(wording.files.archive)}>
              {wording.files.archive}
            </a>
          )}
        </div>
        {modified && (
          <span class="under">
            <Time at={modified} />
          </span>
        )}
      </th>
      <td class="size">{bytes === undefined ? '' : wording.formats.bytes(bytes)}</td>
      <td class="when">{modified && <Time at={modified} />}</td>
    </tr>
  );
}

/** A time in UTC, the time zone of Tor Browser. */
function Time({ at }: { readonly at: Date }): JSX.Element {
  const text = at.toISOString();
  return <time dateTime={text}>{text.slice(0, 16).replace('T', ' ')}</time>;
}
