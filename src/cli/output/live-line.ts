import cliProgress from 'cli-progress';
import { secondsText } from '../../base/quantities.js';
import { cutBetweenParts, cutInTheMiddle } from './cut.js';

const BAR_CHARACTERS = 24;
/** In fewer columns the bar leaves no room for the numbers. */
const BAR_MIN_COLUMNS = 60;
/** How often progress is written where there is no terminal. */
const RARELY_MS = 30_000;
/** And how long the same has been waited for. */
const WAITING_MS = 60_000;
const SPINNER = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏';
const SPINNER_MS = 100;

/** stdout or stderr: a terminal, a file or a pipe. */
export type TerminalStream = NodeJS.WritableStream & {
  readonly isTTY?: boolean | undefined;
  /** Of a terminal only. */
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
};

interface Row {
  text: string;
  /** In a line of its own below the text, where there is room. */
  detail: string | undefined;
  /** Of the work that is done; undefined shows a spinner */
  fraction: number | undefined;
  /** When the text became what it is. */
  since: number;
}

/** The row of what concerns everybody; those of recipients are above it, by their numbers. */
const MAIN_ROW = 0;
/** Rows of recipients on the screen; how many more there are is said. */
const ROWS_MAX = 10;
/** Of more rows no details are shown. */
const DETAILED_ROWS_MAX = 3;
const INDENT = '  ';

/** A line on the screen. */
interface Shown {
  readonly row: number;
  readonly part: 'text' | 'detail';
}

/** What draws the rows. */
interface Drawing {
  readonly lines: readonly Shown[];
  readonly draw: () => void;
  readonly stop: () => void;
}

/** The last lines of a terminal, which change while something is running. */
export class LiveLine {
  readonly #stream: TerminalStream;
  readonly #isSmart: boolean;
  readonly #rows = new Map<number, Row>();
  #drawing: Drawing | undefined;
  readonly #told = new Map<number, { topic: string; at: number }>();
  /** What is waited for where there is no terminal, by recipients. */
  readonly #waits = new Map<number, NodeJS.Timeout>();

  /** @param isSmart whether the cursor can be moved; else lines are written as to a file */
  constructor(stream: TerminalStream, isSmart: boolean = stream.isTTY === true) {
    this.#stream = stream;
    this.#isSmart = isSmart;
  }

  /**
   * @param topic where there is no terminal, one line is written for each topic
   * @param fraction of the work that is done, for a bar before the text; without it a spinner turns
   *   there, and the text is followed by how long it has been there
   * @param number of the recipient that it concerns
   * @param detail such as the name of a file, for a line of its own
   */
  show(
    topic: string,
    text: string,
    fraction?: number,
    number: number = MAIN_ROW,
    detail?: string,
  ): void {
    if (!this.#isSmart) {
      this.#tellRarely(topic, detail === undefined ? text : `${text}, ${detail}`, number);
      this.#tellHowLong(topic, text, fraction, number);
      return;
    }
    const before = this.#rows.get(number);
    const since = before?.text === text ? before.since : performance.now();
    this.#rows.set(number, { text, detail, fraction, since });
    this.#draw();
  }

  /** Removes what was shown of a recipient. */
  drop(number: number): void {
    this.#told.delete(number);
    this.#endWait(number);
    if (this.#rows.delete(number)) this.#stop();
  }

  /** Removes the lines, before other lines are written and at the end. */
  clear(): void {
    this.#stop();
    this.#endWait(MAIN_ROW);
    this.#rows.delete(MAIN_ROW);
  }

  #stop(): void {
    this.#drawing?.stop();
    this.#drawing = undefined;
  }

  #draw(): void {
    const rows = [...this.#rows.keys()].sort((a, b) => (a || Infinity) - (b || Infinity));
    const isDetailed = rows.length <= DETAILED_ROWS_MAX;
    const lines = rows.flatMap((row): Shown[] => {
      const hasDetail = isDetailed && this.#rows.get(row)?.detail !== undefined;
      return [{ row, part: 'text' }, ...(hasDetail ? [{ row, part: 'detail' } as const] : [])];
    });
    const drawn = this.#drawing?.lines;
    const isSame = (line: Shown, index: number): boolean =>
      line.row === lines[index]?.row && line.part === lines[index].part;
    if (drawn?.length !== lines.length || !drawn.every(isSame)) {
      this.#stop();
      this.#drawing = lines.length === 1 ? this.#drawOne(lines) : this.#drawAll(lines);
    }
    this.#drawing?.draw();
  }

  #drawOne(lines: readonly Shown[]): Drawing {
    const { row = MAIN_ROW } = lines[0] ?? {};
    const bar = new cliProgress.SingleBar(this.#options(row));
    const fraction = (): number => this.#rows.get(row)?.fraction ?? 0;
    bar.start(1, fraction());
    return { lines, draw: () => bar.update(fraction()), stop: () => bar.stop() };
  }

  #drawAll(lines: readonly Shown[]): Drawing {
    const others = lines.filter(({ row }) => row !== MAIN_ROW);
    const shown = others.slice(0, ROWS_MAX);
    const more = others.length - shown.length;
    const bars = new cliProgress.MultiBar({ ...this.#options(MAIN_ROW), forceRedraw: true });
    const fractionOf = (row: number): number => this.#rows.get(row)?.fraction ?? 0;
    const add = ({ row, part }: Shown): [number, cliProgress.SingleBar] => [
      row,
      bars.create(1, fractionOf(row), undefined, this.#options(row, part)),
    ];
    const drawn = shown.map(add);
    if (more > 0) {
      bars.create(1, 0, undefined, { ...this.#options(MAIN_ROW), format: `and ${more} more` });
    }
    drawn.push(...lines.filter(({ row }) => row === MAIN_ROW).map(add));
    // Its own first time comes later; what is over by then would never be seen.
    bars.update();
    return {
      lines,
      draw: () => {
        for (const [row, bar] of drawn) bar.update(fractionOf(row));
      },
      stop: () => bars.stop(),
    };
  }

  #options(number: number, part: Shown['part'] = 'text'): cliProgress.Options {
    return {
      stream: this.#stream,
      format: (options, { progress }) =>
        part === 'text' ? this.#format(number, options, progress) : this.#detailOf(number),
      barsize: BAR_CHARACTERS,
      barCompleteChar: '█',
      barIncompleteChar: '░',
      clearOnComplete: true,
      // Cut to the width. The terminal keeps its own wrapping, so there is nothing to restore when
      // the process is killed.
      linewrap: true,
      // Signals are handled by the program.
      gracefulExit: false,
    };
  }

  #format(number: number, options: cliProgress.Options, progress: number): string {
    const row = this.#rows.get(number);
    if (row === undefined) return '';
    if (row.fraction === undefined) return spinnerText(row.text, performance.now() - row.since);
    const { columns = 0 } = this.#stream;
    if (columns < BAR_MIN_COLUMNS) return cutBetweenParts(row.text, columns);
    const text = cutBetweenParts(row.text, columns - BAR_CHARACTERS - 1);
    return `${cliProgress.Format.BarFormat(progress, options)} ${text}`;
  }

  #detailOf(number: number): string {
    const { detail = '' } = this.#rows.get(number) ?? {};
    return `${INDENT}${cutInTheMiddle(detail, (this.#stream.columns ?? 0) - INDENT.length)}`;
  }

  /** What goes on without a number is a wait: a log says each minute that it still does. */
  #tellHowLong(topic: string, text: string, fraction: number | undefined, number: number): void {
    this.#endWait(number);
    if (topic !== 'wait' || fraction !== undefined) return;
    const since = performance.now();
    const waiting = setInterval(() => {
      this.#stream.write(`${waitingText(text, performance.now() - since)}\n`);
    }, WAITING_MS);
    // It keeps nothing alive.
    waiting.unref();
    this.#waits.set(number, waiting);
  }

  #endWait(number: number): void {
    clearInterval(this.#waits.get(number));
    this.#waits.delete(number);
  }

  #tellRarely(topic: string, text: string, number: number): void {
    const now = performance.now();
    const told = this.#told.get(number);
    if (topic === told?.topic && now - told.at < RARELY_MS) return;
    this.#told.set(number, { topic, at: now });
    this.#stream.write(`${text}\n`);
  }
}

/** How long something has been waited for, as a line of a log. */
export function waitingText(text: string, elapsedMs: number): string {
  return `${text}, since ${secondsText(Math.round(elapsedMs / 1000))}`;
}

/** The text behind a spinner, and followed by the seconds it has been there. */
export function spinnerText(text: string, elapsedMs: number): string {
  const frame = SPINNER.charAt(Math.floor(elapsedMs / SPINNER_MS) % SPINNER.length);
  const seconds = Math.floor(elapsedMs / 1000);
  if (seconds === 0) return `${frame} ${text}`;
  return `${frame} ${text} (${seconds < 10 ? `${seconds}s` : secondsText(seconds)})`;
}
