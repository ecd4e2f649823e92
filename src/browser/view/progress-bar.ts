import { element } from './element.js';
import { pageWords } from './page-words.js';

/** Often enough to show movement, and not too often for screen readers */
const EVERY_MS = 1000;
/** The period over which the rate is measured */
const WINDOW_MS = 5000;

/** Updates the page's progress bar and the text below it. */
export class ProgressBar {
  readonly #bar: HTMLProgressElement = element('progress', HTMLProgressElement);
  readonly #text: HTMLElement = element('progress-text', HTMLElement);
  readonly #samples: { readonly at: number; readonly bytes: number }[] = [];
  #total: number | null = null;
  #toldAt = Number.NEGATIVE_INFINITY;

  begin(total: number | null): void {
    this.#total = total;
    this.#samples.length = 0;
    this.#toldAt = Number.NEGATIVE_INFINITY;
    this.move(0);
  }

  move(bytes: number): void {
    // An empty transfer is complete from the start.
    if (this.#total !== null) this.#bar.value = this.#total === 0 ? 1 : bytes / this.#total;
    else this.#bar.removeAttribute('value');
    const now = performance.now();
    if (now - this.#toldAt < EVERY_MS && bytes !== this.#total) return;
    this.#toldAt = now;
    this.#samples.push({ at: now, bytes });
    while ((this.#samples[1]?.at ?? now) < now - WINDOW_MS) this.#samples.shift();
    const oldest = this.#samples[0] ?? { at: now, bytes };
    const seconds = (now - oldest.at) / 1000;
    const rate = seconds > 0 ? (bytes - oldest.bytes) / seconds : 0;
    const { formats, relay } = pageWords();
    const total = this.#total === null ? undefined : formats.bytes(this.#total);
    const left = this.#total === null ? 0 : this.#total - bytes;
    this.#text.textContent = relay.progress(
      formats.bytes(bytes),
      total,
      seconds > 0 ? formats.rate(rate) : undefined,
      left > 0 && rate > 0 ? formats.seconds(left / rate) : undefined,
    );
  }
}
