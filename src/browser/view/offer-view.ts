import { printable } from '../../base/printable.js';
import { isOpenEnded, type Manifest, totalBytes } from '../../stream/manifest.js';
import { senderNotes } from '../../transfer/destination/sender-notes.js';
import type { KeepPlan } from '../receiving/keep-plan.js';
import { IN_PAGE_MAX_BYTES } from '../receiving/limits.js';
import { element } from './element.js';
import { pageWords } from './page-words.js';

/** Files listed: nobody reads more, and a hundred thousand slow a browser down. */
const SHOWN_MAX = 200;

/** The offer, and the choice to accept or decline it. */
export class OfferView {
  readonly part: HTMLElement = element('offer', HTMLElement);
  readonly accept: HTMLButtonElement = element('accept', HTMLButtonElement);
  readonly decline: HTMLButtonElement = element('decline', HTMLButtonElement);

  fill(manifest: Manifest, { paths, zip }: KeepPlan): void {
    const wording = pageWords();
    const words = wording.relay.receive;
    const lines = manifest.entries.flatMap((entry, index) => {
      if (entry.type !== 'file' && entry.type !== 'hardlink') return [];
      const name = manifest.kind === 'text' ? words.text : (paths[index] ?? []).join('/');
      const size = entry.type === 'file' ? entry.size : null;
      return [size === null ? name : `${name} (${wording.formats.bytes(size)})`];
    });
    const more = lines.length - SHOWN_MAX;
    const shown = more > 0 ? [...lines.slice(0, SHOWN_MAX), `… +${more}`] : lines;
    element('offer-names', HTMLElement).replaceChildren(...shown.map(item));
    element('offer-total', HTMLElement).textContent = isOpenEnded(manifest)
      ? words.unknownSize(IN_PAGE_MAX_BYTES)
      : wording.files.count(lines.length, totalBytes(manifest));
    const hasLinks = manifest.entries.some(({ type }) => type === 'link');
    element('offer-hint', HTMLElement).textContent = [
      zip === undefined ? '' : words.asZip(printable(zip)),
      hasLinks ? words.linksLeftOut : '',
      ...senderNotes(manifest).map((note) => `${note}.`),
    ].join(' ');
  }

  focus(): void {
    element('offer-title', HTMLElement).focus();
  }
}

function item(text: string): HTMLElement {
  const line = document.createElement('li');
  const isolated = document.createElement('bdi');
  isolated.textContent = printable(text);
  line.append(isolated);
  return line;
}
