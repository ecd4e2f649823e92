import { TusRefusal } from './tus-headers.js';
import { UnfinishedUpload } from './unfinished-upload.js';
import type { UnfinishedUploads } from './unfinished-uploads.js';
import type { JoinedPart } from './upload-note.js';

/** What becomes one file. */
export interface Parts {
  readonly first: UnfinishedUpload;
  /** In their order; some may stand behind the first already. */
  readonly others: readonly (UnfinishedUpload | JoinedPart)[];
}

/**
 * Finds the parts, also when putting them together has failed or was killed half way.
 *
 * @throws TusRefusal 404 if one is gone; 400 if one is no partial upload, or not complete
 */
export function partsOf(
  [id = '', ...rest]: readonly string[],
  unfinished: UnfinishedUploads,
): Parts {
  const find = (part: string): UnfinishedUpload => {
    const found = unfinished.find(part);
    if (found === undefined) throw new TusRefusal(404, 'there is no such upload');
    return found;
  };
  const first = find(id);
  const { joined } = first;
  const others = rest.map((part, index) => {
    const known = joined[index];
    return known?.id === part ? known : find(part);
  });
  const areParts = [first, ...others].every((part) => {
    if (!(part instanceof UnfinishedUpload)) return true;
    return part.isPartial && part.isComplete && (part === first || part.joined.length === 0);
  });
  if (!areParts || joined.some((part, index) => part.id !== rest[index])) {
    throw new TusRefusal(400, 'a part is no partial upload, or is not complete');
  }
  return { first, others };
}

/**
 * Puts the others behind the first. Each is removed as soon as its copy is on the disk and noted:
 * the disk holds at most one of them twice, the quota has room for that, and whatever ends this in
 * between, asking again goes on.
 *
 * @throws UploadRefusal inbox-full, disk-full; OnionferryError; TusRefusal 409 if one is in use
 */
export async function concatenate(
  { first, others }: Parts,
  unfinished: UnfinishedUploads,
): Promise<void> {
  using _first = first.hold();
  for (const part of others) {
    if (part instanceof UnfinishedUpload) {
      using _part = part.hold();
      await part.stopWriting();
      await first.join(part);
    }
    await unfinished.remove(part.id, { length: part.length, concat: 'partial' });
  }
}
