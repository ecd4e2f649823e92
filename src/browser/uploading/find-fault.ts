import { isTaken, type Kinds } from '../../pages/inbox/kinds.js';
import type { Words } from '../../pages/words/words.js';

/** As the server writes them into the page; null means no limit. */
export interface ChoiceLimits {
  readonly bytesPerFile: number | null;
  readonly bytesPerUpload: number | null;
  readonly filesPerUpload: number | null;
  readonly noteBytes: number | null;
}

export interface Choice {
  readonly files: readonly File[];
  readonly note: string;
}

/**
 * Finds what the server would refuse, before a long upload. The server still checks everything.
 *
 * @returns a title and a sentence; undefined if nothing is wrong
 */
export function findFault(
  { files, note }: Choice,
  limits: ChoiceLimits,
  kinds: Kinds | undefined,
  { inbox }: Words,
): readonly [title: string, sentence: string] | undefined {
  const { refused } = inbox;
  const { bytesPerFile, bytesPerUpload, filesPerUpload, noteBytes } = limits;
  const { title } = refused;
  if (files.length === 0 && note.trim() === '') return [title['empty-form'], refused['empty-form']];
  if (filesPerUpload !== null && files.length > filesPerUpload) {
    return [title['too-many-files'], refused['too-many-files'](filesPerUpload)];
  }
  let bytes = 0;
  for (const { name, size } of files) {
    bytes += size;
    if (bytesPerFile !== null && size > bytesPerFile) {
      return [title['file-too-large'], refused['file-too-large'](name, bytesPerFile)];
    }
    if (!isTaken(name, kinds)) return [title['kind-refused'], refused['kind-refused'](name)];
  }
  if (bytesPerUpload !== null && bytes > bytesPerUpload) {
    return [title['upload-too-large'], refused['upload-too-large'](bytesPerUpload)];
  }
  if (noteBytes !== null && new TextEncoder().encode(note).length > noteBytes) {
    return [title['note-too-long'], refused['note-too-long'](noteBytes)];
  }
  return undefined;
}
