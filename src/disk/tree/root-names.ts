import path from 'node:path';
import { OnionferryError } from '../../base/errors.js';
import { withSuffix } from '../names/local-name.js';

/** What the user named. */
export interface Root {
  /** As the user wrote it. */
  readonly given: string;
  readonly absolute: string;
  /** The last name of the path; the root may be offered under another. */
  readonly ownName: string;
}

/**
 * The names under which paths are offered, in the user's order: the same to a program, on a page and
 * in an archive. Each is the path's own last name, with a number where an earlier one has it. What is
 * named twice is offered once.
 *
 * @throws OnionferryError ERR_SOURCE if a path has no last name
 */
export function rootNames(paths: readonly string[]): Map<string, Root> {
  const roots = new Map<string, Root>();
  const known = new Set<string>();
  for (const given of paths) {
    const absolute = path.resolve(given);
    const ownName = path.basename(absolute);
    if (ownName === '') {
      throw new OnionferryError('ERR_SOURCE', `${given} has no name to offer it by`);
    }
    if (known.has(absolute)) continue;
    known.add(absolute);
    let name = ownName;
    for (let number = 2; roots.has(name); number++) name = withSuffix(ownName, ` (${number})`);
    roots.set(name, { given, absolute, ownName });
  }
  return roots;
}

/** What the user is told about those that are not offered under their own names. */
export function numberedWarnings(roots: ReadonlyMap<string, Root>): string[] {
  return [...roots].flatMap(([name, { given, ownName }]) =>
    name === ownName ? [] : [`${given} is offered as "${name}": there is another ${ownName}`],
  );
}
