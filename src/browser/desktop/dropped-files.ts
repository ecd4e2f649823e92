import type { Dropped, DroppedFile } from './actions.js';
import { words } from './page-words.js';

/**
 * What a person dropped, with everything in folders.
 *
 * @throws Error with a sentence if something of it cannot be read
 */
export async function droppedFiles(transfer: DataTransfer): Promise<readonly Dropped[]> {
  // All of it is only there until the event is over.
  const entries = [...transfer.items].flatMap((item): (FileSystemEntry | File)[] =>
    item.kind === 'file' ? [item.webkitGetAsEntry() ?? item.getAsFile() ?? []].flat() : [],
  );
  const found: Dropped[] = [];
  for (const entry of entries) found.push(await droppedBy(entry));
  return found;
}

async function droppedBy(entry: FileSystemEntry | File): Promise<Dropped> {
  const { name } = entry;
  if (entry instanceof File) {
    return { name, kind: 'file', files: [{ path: name, content: entry }], folders: [] };
  }
  const [files, folders]: [DroppedFile[], string[]] = [[], []];
  await collect(entry, name, { files, folders });
  return { name, kind: entry.isDirectory ? 'folder' : 'file', files, folders };
}

interface Collected {
  readonly files: DroppedFile[];
  readonly folders: string[];
}

async function collect(entry: FileSystemEntry, path: string, found: Collected): Promise<void> {
  try {
    if (isFile(entry)) {
      const content = await new Promise<File>((resolve, reject) => entry.file(resolve, reject));
      found.files.push({ path, content });
      return;
    }
    if (!isFolder(entry)) return;
    found.folders.push(path);
    for (const child of await entriesIn(entry))
      await collect(child, `${path}/${child.name}`, found);
  } catch (cause) {
    if (cause instanceof Unreadable) throw cause;
    throw new Unreadable(path, { cause });
  }
}

async function entriesIn(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    // It gives some at a time, and nothing when there are no more.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) return all;
    all.push(...some);
  }
}

/** Something that was dropped cannot be read any more. */
export class Unreadable extends Error {
  constructor(path: string, options?: ErrorOptions) {
    super(words.what.unreadable(path), options);
  }
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}
