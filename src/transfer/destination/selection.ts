import ignore from 'ignore';
import { OnionferryError } from '../../base/errors.js';
import { Slices } from '../../base/slices.js';
import { ContentLayout } from '../../stream/content-layout.js';
import { fileCount, isOpenEnded, type Manifest, totalBytes } from '../../stream/manifest.js';
import { Ranges } from '../../stream/ranges.js';
import { assertHarmless, type LocalEntry, localPathsInTurns } from './local-path.js';

/** What of an offer is wanted. */
export interface Choice {
  /** What of the content is not wanted. */
  readonly unwanted: Ranges;
  readonly files: number;
  /** null if the sender does not know yet. */
  readonly bytes: number | null;
}

/** And where it will stand. */
export interface Selection extends Choice {
  /** By index in the manifest. */
  readonly entries: readonly LocalEntry[];
}

/**
 * As `selectFrom`, before anybody has agreed: of half a million entries nothing is made that only
 * the destination needs.
 *
 * @throws as `selectFrom`
 */
export async function chooseFrom(
  manifest: Manifest,
  patterns: readonly string[] = [],
): Promise<Choice> {
  if (patterns.length > 0) {
    const { unwanted, files, bytes } = await selectFrom(manifest, patterns);
    return { unwanted, files, bytes };
  }
  await assertHarmless(manifest, process.platform);
  return everything(manifest);
}

function everything(manifest: Manifest): Choice {
  const bytes = isOpenEnded(manifest) ? null : totalBytes(manifest);
  return { unwanted: new Ranges(), files: fileCount(manifest), bytes };
}

/**
 * Selects what matches one of the patterns, which have the form of `.gitignore`: a folder that
 * matches is wanted with everything in it. Without patterns everything is wanted.
 *
 * @param placed where everything would stand, if that is known
 * @throws OnionferryError ERR_HOSTILE_NAME; ERR_REFUSED if nothing matches, or if not all matches in
 *   content of unknown size
 */
export async function selectFrom(
  manifest: Manifest,
  patterns: readonly string[] = [],
  placed?: readonly LocalEntry[],
): Promise<Selection> {
  const locals = placed ?? (await localPathsInTurns(manifest, process.platform));
  if (patterns.length === 0) {
    return { entries: locals, ...everything(manifest) };
  }
  const wanted = await matching(manifest, patterns);
  if (wanted.size === 0) {
    throw new OnionferryError(
      'ERR_REFUSED',
      'nothing in the offer matches --only; nothing was written',
    );
  }
  const carried = carriedBy(manifest, wanted);
  const sentPath = (index: number): readonly string[] =>
    manifest.entries[carried.get(index) ?? index]?.path ?? [];
  await addFolders(manifest, wanted, sentPath);
  const unwanted = new Ranges();
  for (const { index, start, end } of new ContentLayout(manifest).placements) {
    if (!wanted.has(index)) unwanted.add(start, end);
  }
  if (isOpenEnded(manifest) && unwanted.count > 0) {
    const sentence = 'an offer of unknown size can only be received whole; leave out --only';
    throw new OnionferryError('ERR_REFUSED', sentence);
  }
  return {
    entries: locals.map((local, index) => ({
      ...local,
      ...placeOf(carried.get(index)),
      ...(!wanted.has(index) && { isUnwanted: true as const }),
    })),
    unwanted,
    files: [...wanted].filter((index) => isFile(manifest, index)).length,
    bytes: isOpenEnded(manifest) ? null : totalBytes(manifest) - unwanted.bytes,
  };

  /** Of a file that takes the place of another name. */
  function placeOf(name: number | undefined): Partial<LocalEntry> {
    const place = name === undefined ? undefined : locals[name];
    const file = place?.entry.type === 'hardlink' ? manifest.entries[place.entry.file] : undefined;
    if (place === undefined || file === undefined) return {};
    return { path: place.path, entry: { ...file, path: place.entry.path } };
  }
}

async function matching({ entries }: Manifest, patterns: readonly string[]): Promise<Set<number>> {
  // Whether a path is harmless was judged before; the check of this package is not needed.
  const rules = ignore({ ignorecase: false, allowRelativePaths: true }).add([...patterns]);
  const wanted = new Set<number>();
  const slices = new Slices();
  for (const [index, { type, path }] of entries.entries()) {
    if (rules.ignores(path.join('/') + (type === 'folder' ? '/' : ''))) wanted.add(index);
    if (slices.isOver) await slices.next();
  }
  return wanted;
}

/**
 * A file of which only another name is wanted takes the place of that name.
 *
 * @returns by the file's index, that of the name
 */
function carriedBy({ entries }: Manifest, wanted: Set<number>): Map<number, number> {
  const carried = new Map<number, number>();
  entries.forEach((entry, index) => {
    if (entry.type !== 'hardlink' || !wanted.has(index) || wanted.has(entry.file)) return;
    carried.set(entry.file, index);
    wanted.add(entry.file);
    wanted.delete(index);
  });
  return carried;
}

/** The folders on the way to what is wanted. */
async function addFolders(
  { entries }: Manifest,
  wanted: Set<number>,
  pathOf: (index: number) => readonly string[],
): Promise<void> {
  const needed = new Set<string>();
  const slices = new Slices();
  for (const index of wanted) {
    if (slices.isOver) await slices.next();
    const path = pathOf(index);
    for (let depth = path.length - 1; depth > 0; depth--) {
      const folder = path.slice(0, depth).join('/');
      if (needed.has(folder)) break;
      needed.add(folder);
    }
  }
  for (const [index, { type, path }] of entries.entries()) {
    if (type === 'folder' && needed.has(path.join('/'))) wanted.add(index);
    if (slices.isOver) await slices.next();
  }
}

function isFile({ entries }: Manifest, index: number): boolean {
  const type = entries[index]?.type;
  return type === 'file' || type === 'hardlink';
}
