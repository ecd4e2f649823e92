import cliProgress from 'cli-progress';
import { spinnerText } from './spinner.js';
import type { TerminalStream } from './terminal-stream.js';

const BAR_CHARACTERS = 24;
/** Below this the bar leaves no room for the numbers. */
const BAR_MIN_COLUMNS = 60;
/** How often something that is no terminal is told how far it is. */
const RARELY_MS = 30_000;

/** The last line of a terminal, which changes while something goes on. */
export class LiveLine {
  readonly #stream: TerminalStream;
  #bar: cliProgress.SingleBar | undefined;
  #text = '';
  #withBar = false;
  /** When the text became what it is. */
  #since = 0;
  #toldAt = Number.NEGATIVE_INFINITY;
  #toldTopic: string | undefined;

  constructor(stream: TerminalStream) {
    this.#stream = stream;
  }

  /**
   * @param topic what it is about: where there is no terminal, one line is written for each
   * @param fraction of the work that is done, for a bar before the text; without it something else
   *   moves there, and the time is shown that the text has been standing
   */
  show(topic: string, text: string, fraction?: number): void {
    if (this.#stream.isTTY !== true) {
      this.#tellRarely(topic, text);
      return;
    }
    if (text !== this.#text) this.#since = performance.now();
    this.#text = text;
    this.#withBar = fraction !== undefined;
    if (this.#bar === undefined) {
      this.#bar = new cliProgress.SingleBar({
        stream: this.#stream,
        format: (options, { progress }) => this.#format(options, progress),
        barsize: BAR_CHARACTERS,
        barCompleteChar: '█',
        barIncompleteChar: '░',
        clearOnComplete: true,
        // Cut to the width; the terminal's own wrapping is never switched off, so that there is
        // nothing to restore when the process is killed.
        linewrap: true,
        // Signals are the program's affair.
        gracefulExit: false,
      });
      this.#bar.start(1, fraction ?? 0);
    } else {
      this.#bar.update(fraction ?? 0);
    }
  }

  /** Takes the line away, for other lines to be written or at the end. */
  clear(): void {
    this.#bar?.stop();
    this.#bar = undefined;
    this.#text = '';
  }

  #format(options: cliProgress.Options, progress: number): string {
    if (!this.#withBar) return spinnerText(this.#text, performance.now() - this.#since);
    if ((this.#stream.columns ?? 0) < BAR_MIN_COLUMNS) return this.#text;
    return `${cliProgress.Format.BarFormat(progress, options)} ${this.#text}`;
  }

  #tellRarely(topic: string, text: string): void {
    const now = performance.now();
    if (topic === this.#toldTopic && now - this.#toldAt < RARELY_MS) return;
    this.#toldTopic = topic;
    this.#toldAt = now;
    this.#stream.write(`${text}\n`);
  }
}
