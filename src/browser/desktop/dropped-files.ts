import type { DroppedFile } from './actions.js';

/** All files of a drop, with those in folders, under the paths that they are to arrive at. */
export async function droppedFiles(transfer: DataTransfer): Promise<readonly DroppedFile[]> {
  // Both are only there until the event is over.
  const entries = [...transfer.items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  const loose = [...transfer.files];
  if (entries.length === 0) return loose.map((file) => ({ path: file.name, content: file }));
  const found: DroppedFile[] = [];
  for (const entry of entries) await collect(entry, found);
  return found;
}

async function collect(entry: FileSystemEntry, found: DroppedFile[]): Promise<void> {
  if (isFile(entry)) {
    const content = await new Promise<File>((resolve, reject) => entry.file(resolve, reject));
    found.push({ path: entry.fullPath.replace(/^\/+/, ''), content });
  } else if (isFolder(entry)) {
    const reader = entry.createReader();
    for (;;) {
      // It gives some at a time, and nothing when there are no more.
      const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
        reader.readEntries(resolve, reject),
      );
      if (some.length === 0) return;
      for (const child of some) await collect(child, found);
    }
  }
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}
