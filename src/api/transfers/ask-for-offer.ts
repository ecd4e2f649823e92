import { untilAborted } from '../../base/deadline.js';
import { OnionferryError } from '../../base/errors.js';
import { Slices } from '../../base/slices.js';
import { localName } from '../../disk/names/local-name.js';
import { fileCount, isOpenEnded, type Manifest, totalBytes } from '../../stream/manifest.js';
import type { Choice } from '../../transfer/destination/selection.js';
import { senderNotes } from '../../transfer/destination/sender-notes.js';
import type { OfferEvent } from '../events.js';
import type { Work } from '../handle.js';
import type { Settings } from '../options.js';
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
  const slices = new Slices();
  for (const { path } of manifest.entries) {
    if (path.length === 1) names.push(localName(path[0] ?? '', process.platform));
    if (slices.isOver) await slices.next();
  }
  return {
    event: 'offer',
    kind: manifest.kind,
    names,
    files: fileCount(manifest),
    bytes: isOpenEnded(manifest) ? null : totalBytes(manifest),
  };
}
