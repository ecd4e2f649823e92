import type { JSX } from 'preact';
import { printable } from '../../base/printable.js';
import { bytesText } from '../../base/quantities.js';
import { parallelWording } from '../parallel-wording.js';
import { wording } from '../wording.js';
import { Icon } from './icon.js';

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
}

export interface FileTableProps {
  /** For screen readers */
  readonly caption: string;
  readonly rows: readonly FileRow[];
}

/** Names, sizes and times. On a narrow screen the time is below the name. */
export function FileTable({ caption, rows }: FileTableProps): JSX.Element {
  const { name, size, modified } = wording.files;
  return (
    <table class="files">
      <caption class="unseen">{caption}</caption>
      <thead>
        <tr>
          <th scope="col">{name}</th>
          <th scope="col" class="size">
            {size}
          </th>
          <th scope="col" class="when">
            {modified}
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

function Row({ kind, name, href, bytes, modified, download, faster }: FileRow): JSX.Element {
  return (
    <tr>
      <th scope="row">
        <a class="entry" href={href} download={download}>
          <Icon name={kind} />
          <span class="entry-name">
            {kind === 'folder' && <span class="unseen">{wording.files.folder} </span>}
            <bdi>{printable(name)}</bdi>
          </span>
        </a>
        {faster && (
          <a class="faster" href={faster.href} data-ready={faster.readyPath} hidden>
            {parallelWording.faster}
            <span class="unseen"> {printable(name)}</span>
          </a>
        )}
        {modified && (
          <span class="under">
            <Time at={modified} />
          </span>
        )}
      </th>
      <td class="size">{bytes === undefined ? '' : bytesText(bytes)}</td>
      <td class="when">{modified && <Time at={modified} />}</td>
    </tr>
  );
}

/** A time in UTC, the time zone of Tor Browser. */
function Time({ at }: { readonly at: Date }): JSX.Element {
  const text = at.toISOString();
  return <time dateTime={text}>{text.slice(0, 16).replace('T', ' ')}</time>;
}
