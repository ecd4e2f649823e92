import { OnionferryError } from '../../base/errors.js';
import { printable } from '../../base/printable.js';
import { LISTED_MAX, type Listed, NAME_MAX, PATH_DEPTH_MAX } from '../../stream/manifest.js';

/** Names in one sentence; beyond it they are counted. */
const NAMED_MAX = 100;

/** Something that cannot be sent. */
export interface Unsendable {
  /** As the other side would see it. */
  readonly path: readonly string[];
  /** On this machine, and why: "notes cannot be read: permission denied". */
  readonly what: string;
}

/** @throws OnionferryError ERR_SOURCE with every name */
export function refuseUnsendable(unsendable: readonly Unsendable[]): void {
  const [first] = unsendable;
  if (first === undefined) return;
  const others = unsendable.length > 1 ? `${unsendable.length} entries cannot be sent: ` : '';
  throw new OnionferryError(
    'ERR_SOURCE',
    `${others}${named(unsendable.map(({ what }) => what))}; to send the rest, use --skip-unreadable`,
  );
}

/** What the sender's own user is told. */
export function leftOutWarnings(leftOut: readonly Unsendable[]): string[] {
  if (leftOut.length === 0) return [];
  return [`${counted(leftOut.length)} left out: ${named(leftOut.map(({ what }) => what))}`];
}

export function escapedWarnings(paths: readonly (readonly string[])[]): string[] {
  if (paths.length === 0) return [];
  const names = paths.length === 1 ? 'a name that is not UTF-8 is' : 'names that are not UTF-8 are';
  return [
    `${names} sent with % and two digits for each such byte: ${named(paths.map((path) => path.join('/')))}`,
  ];
}

/** For the manifest; undefined if there is nothing to say. */
export function listed(paths: readonly (readonly string[])[]): Listed | undefined {
  if (paths.length === 0) return undefined;
  const first = paths.slice(0, LISTED_MAX).map((path) =>
    // What could not be an entry for its length can be named, as far as it goes.
    path.slice(0, PATH_DEPTH_MAX).map((name) => name.slice(0, NAME_MAX)),
  );
  return { count: paths.length, paths: first };
}

function counted(entries: number): string {
  return entries === 1 ? 'one entry was' : `${entries} entries were`;
}

function named(names: readonly string[]): string {
  const shown = names.slice(0, NAMED_MAX).map(printable);
  const more = names.length - shown.length;
  return [...shown, ...(more > 0 ? [`${more} more`] : [])].join(', ');
}
