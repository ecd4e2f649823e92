import { untilAborted } from '../../base/deadline.js';
import { OnionferryError } from '../../base/errors.js';
import { localName } from '../../disk/names/local-name.js';
import { fileCount, isOpenEnded, type Manifest, totalBytes } from '../../stream/manifest.js';
import type { Selection } from '../../transfer/destination/selection.js';
import { senderNotes } from '../../transfer/destination/sender-notes.js';
import type { OfferEvent } from '../events.js';
import type { Work } from '../handle.js';
import type { Settings } from '../options.js';
import { checkOffer } from './check-output.js';

/**
 * Tells the user of an offer, and asks whether to take it unless it is known to fail.
 *
 * @param selection undefined of a text
 * @param over aborts when the answer is of no more use
 * @throws OnionferryError ERR_REFUSED if it is declined; as `checkOffer`
 */
export async function askForOffer(
  manifest: Manifest,
  selection: Selection | undefined,
  settings: Settings,
  { emit }: Work,
  over: AbortSignal,
): Promise<void> {
  const { accept, only } = settings;
  const offer = {
    ...offerOf(manifest),
    ...(only.length > 0 &&
      selection !== undefined && {
        wanted: { files: selection.files, bytes: selection.bytes },
      }),
  };
  emit(offer);
  for (const message of senderNotes(manifest)) emit({ event: 'warning', message });
  if (selection !== undefined) await checkOffer(manifest, selection, settings);
  if (await untilAborted(Promise.resolve(accept(offer, over)), over)) return;
  throw new OnionferryError('ERR_REFUSED', 'you declined the offer; nothing was written');
}

function offerOf(manifest: Manifest): OfferEvent {
  const top = manifest.entries.filter(({ path }) => path.length === 1);
  return {
    event: 'offer',
    kind: manifest.kind,
    names: top.map(({ path }) => localName(path[0] ?? '', process.platform)),
    files: fileCount(manifest),
    bytes: isOpenEnded(manifest) ? null : totalBytes(manifest),
  };
}
