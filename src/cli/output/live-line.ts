import cliProgress from 'cli-progress';
import { secondsText } from '../../base/quantities.js';

const BAR_CHARACTERS = 24;
/** In fewer columns the bar leaves no room for the numbers. */
const BAR_MIN_COLUMNS = 60;
/** How often progress is written where there is no terminal. */
const RARELY_MS = 30_000;
const SPINNER = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏';
const SPINNER_MS = 100;

/** stdout or stderr: a terminal, a file or a pipe. */
export type TerminalStream = NodeJS.WritableStream & {
  readonly isTTY?: boolean | undefined;
  /** Of a terminal only. */
  readonly columns?: number | undefined;
};

/** The last line of a terminal, which changes while something is running. */
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
   * @param topic where there is no terminal, one line is written for each topic
   * @param fraction of the work that is done, for a bar before the text; without it a spinner turns
   *   there, and the text is followed by how long it has been there
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
        // Cut to the width. The terminal keeps its own wrapping, so there is nothing to restore when
        // the process is killed.
        linewrap: true,
        // Signals are handled by the program.
        gracefulExit: false,
      });
      this.#bar.start(1, fraction ?? 0);
    } else {
      this.#bar.update(fraction ?? 0);
    }
  }

  /** Removes the line, before other lines are written and at the end. */
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

/** The text behind a spinner, and followed by the seconds it has been there. */
export function spinnerText(text: string, elapsedMs: number): string {
  const frame = SPINNER.charAt(Math.floor(elapsedMs / SPINNER_MS) % SPINNER.length);
  const seconds = Math.floor(elapsedMs / 1000);
  if (seconds === 0) return `${frame} ${text}`;
  return `${frame} ${text} (${seconds < 10 ? `${seconds}s` : secondsText(seconds)})`;
}
