import { untilAborted } from '../../base/deadline.js';
import { OnionferryError } from '../../base/errors.js';
import { Slices } from '../../base/slices.js';
import { localName } from '../../disk/names/local-name.js';
import {
  type Entry,
  fileCount,
  isOpenEnded,
  LISTED_MAX,
  type Manifest,
  totalBytes,
} from '../../stream/manifest.js';
import type { Choice } from '../../transfer/destination/selection.js';
import { senderNotes } from '../../transfer/destination/sender-notes.js';
import type { OfferEvent, OfferedEntry } from '../events.js';
import type { Work } from '../handle.js';
import type { Settings } from '../settings.js';
import { checkOffer } from './check-output.js';

/**
 * Tells the user of an offer, and asks whether to take it unless it is known to fail.
 *
 * @param choice undefined of a text
 * @param over aborts when the answer is of no more use
 * @throws OnionferryError ERR_REFUSED if it is declined; as `checkOffer`
 */
export async function askForOffer(
  manifest: Manifest,
  choice: Choice | undefined,
  settings: Settings,
  { emit }: Work,
  over: AbortSignal,
): Promise<void> {
  const { accept, only } = settings;
  const offer = {
    ...(await offerOf(manifest)),
    ...(only.length > 0 &&
      choice !== undefined && { wanted: { files: choice.files, bytes: choice.bytes } }),
  };
  emit(offer);
  for (const message of senderNotes(manifest)) emit({ event: 'warning', message });
  if (choice !== undefined) await checkOffer(manifest, choice, settings);
  if (await untilAborted(Promise.resolve(accept(offer, over)), over)) return;
  throw new OnionferryError('ERR_REFUSED', 'you declined the offer; nothing was written');
}

async function offerOf(manifest: Manifest): Promise<OfferEvent> {
  const names: string[] = [];
  const first = new Map<string, Writable<OfferedEntry>>();
  const slices = new Slices();
  for (const entry of manifest.entries) {
    const [top = '', ...inner] = entry.path;
    if (inner.length === 0) {
      const name = localName(top, process.platform);
      names.push(name);
      if (names.length <= LISTED_MAX) first.set(top, { name, kind: kindOf(entry), ...NOTHING });
    }
    addTo(first.get(top), entry);
    if (slices.isOver) await slices.next();
  }
  return {
    event: 'offer',
    kind: manifest.kind,
    names,
    ...(manifest.kind === 'files' && { entries: [...first.values()] }),
    files: fileCount(manifest),
    bytes: isOpenEnded(manifest) ? null : totalBytes(manifest),
  };
}

type Writable<Of> = { -readonly [Name in keyof Of]: Of[Name] };

const NOTHING = { files: 0, bytes: 0 } as const;

function kindOf({ type }: Entry): OfferedEntry['kind'] {
  return type === 'folder' || type === 'link' ? type : 'file';
}

/** A second name of a file brings a file, and no bytes. */
function addTo(offered: Writable<OfferedEntry> | undefined, entry: Entry): void {
  if (offered === undefined || kindOf(entry) !== 'file') return;
  offered.files++;
  const size = entry.type === 'file' ? entry.size : 0;
  offered.bytes = size === null || offered.bytes === null ? null : offered.bytes + size;
}
