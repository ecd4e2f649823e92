import { OnionferryError } from '../../base/errors.js';
import type { Entry, Manifest } from '../../stream/manifest.js';

/** Longest name that common file systems take, in bytes of UTF-8. */
const NAME_MAX_BYTES = 255;

/**
 * Characters that change what a terminal or a person sees rather than name anything: C0, C1,
 * line separators, marks and overrides of direction, zero-width space and the byte order mark.
 * Zero-width joiners stay: several scripts and emoji need them.
 */
const INVISIBLE =
  // biome-ignore format: one range per kind reads best on one line
  /[\p{Cc}\u061C\u200B\u200E\u200F\u2028-\u202E\u2060-\u2069\uFEFF\u{E0000}-\u{E007F}]|\p{Cs}/gu;

/** What Windows refuses in a name (besides control characters). */
const WINDOWS_FORBIDDEN = /[<>:"|?*]/g;
const WINDOWS_DEVICES = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?$/i;

/** A manifest's entry and where it belongs, below the folder that is written to. */
export interface LocalEntry {
  readonly entry: Entry;
  readonly path: readonly string[];
}

/**
 * Decides the local path of every entry, in the manifest's order.
 *
 * Paths that try to leave the folder, or that a well-behaved sender would never make, refuse the
 * whole manifest. Names that are merely impossible or misleading here are replaced.
 *
 * @throws OnionferryError ERR_HOSTILE_NAME
 */
export function localPaths(manifest: Manifest, platform: NodeJS.Platform): LocalEntry[] {
  const root = new Folder();
  return manifest.entries.map((entry) => {
    const path: string[] = [];
    let folder = root;
    entry.path.forEach((name, depth) => {
      assertHarmless(name, platform);
      if (depth < entry.path.length - 1) {
        const parent = folder.children.get(name);
        if (parent?.folder === undefined) throw hostile('a path leads through what is no folder');
        path.push(parent.name);
        folder = parent.folder;
      } else {
        path.push(folder.add(name, entry.type === 'folder', platform));
      }
    });
    return { entry, path };
  });
}

/** The names of one folder, as sent and as they will stand here. */
class Folder {
  readonly children: Map<string, { readonly name: string; readonly folder: Folder | undefined }> =
    new Map();
  readonly #taken = new Set<string>();
  /** By wanted name, the number to try next: a thousand equal names must not cost a million tries. */
  readonly #numbers = new Map<string, number>();

  add(sent: string, isFolder: boolean, platform: NodeJS.Platform): string {
    if (this.children.has(sent)) throw hostile('two entries have the same path');
    const wanted = localName(sent, platform);
    let name = wanted;
    let number = this.#numbers.get(fold(wanted)) ?? 1;
    // Two names that differ only in what was replaced, or in case, must not meet in one file.
    while (this.#taken.has(fold(name))) name = withSuffix(wanted, ` (${number++})`);
    this.#numbers.set(fold(wanted), number);
    this.#taken.add(fold(name));
    this.children.set(sent, { name, folder: isFolder ? new Folder() : undefined });
    return name;

    function fold(text: string): string {
      return platform === 'linux' ? text : text.normalize('NFC').toLowerCase();
    }
  }
}

/** The name under which `sent` can stand here and be shown. */
export function localName(sent: string, platform: NodeJS.Platform): string {
  let name = sent.replace(INVISIBLE, '_');
  if (platform === 'win32') {
    name = name.replace(WINDOWS_FORBIDDEN, '_').replace(/[. ]+$/, '_');
    if (WINDOWS_DEVICES.test(name)) name = `_${name}`;
  }
  return withSuffix(name, '');
}

/** `name` with `suffix` before its extension, shortened to what a file system takes. */
export function withSuffix(name: string, suffix: string): string {
  const dot = name.lastIndexOf('.');
  const extension = dot > 0 && name.length - dot <= 16 ? name.slice(dot) : '';
  let room = NAME_MAX_BYTES - Buffer.byteLength(suffix + extension);
  let stem = '';
  // By code point: half a surrogate pair would be no character at all.
  for (const character of name.slice(0, name.length - extension.length)) {
    room -= Buffer.byteLength(character);
    if (room < 0) break;
    stem += character;
  }
  return stem + suffix + extension;
}

function assertHarmless(name: string, platform: NodeJS.Platform): void {
  if (name === '.' || name === '..') throw hostile('a path leads out of the folder');
  if (name.includes('/') || name.includes('\0') || (platform === 'win32' && name.includes('\\'))) {
    throw hostile('a name hides a path');
  }
}

/**
 * Whether a link at `path` to `target` stays within its own top-level folder, whatever other links
 * stand there: `..` only in front, where the folders are real ones, and not too many of them.
 */
export function isContainedLink(path: readonly string[], target: string): boolean {
  if (target.includes('\0') || target.includes('\\') || /^([/]|[A-Za-z]:)/.test(target)) {
    return false;
  }
  const steps = target.split('/').filter((step) => step !== '' && step !== '.');
  const firstDown = steps.findIndex((step) => step !== '..');
  const ups = firstDown === -1 ? steps.length : firstDown;
  // path = [top, …, link]: the link's own folder lies path.length - 2 below the top.
  return ups <= path.length - 2 && !steps.slice(ups).includes('..');
}

function hostile(why: string): OnionferryError {
  return new OnionferryError(
    'ERR_HOSTILE_NAME',
    `the offer was refused: ${why}; nothing was written`,
  );
}
