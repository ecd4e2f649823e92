import pc from 'picocolors';
import { printable, printableText } from '../../base/printable.js';
import { LiveLine, type TerminalStream } from './live-line.js';

export type Tone = 'plain' | 'strong' | 'good' | 'bad' | 'faint';

export interface Line {
  readonly text: string;
  readonly tone?: Tone;
}

/** What a person sees: stdout for results, stderr for everything else. */
export class Terminal {
  readonly stdout: TerminalStream;
  readonly stderr: TerminalStream;
  /** Whether it obeys what moves its cursor. */
  readonly isSmart: boolean;
  readonly isColoured: boolean;
  readonly #live: LiveLine;
  readonly #paint: ReturnType<typeof pc.createColors>;

  constructor(stdout: TerminalStream, stderr: TerminalStream, environment: NodeJS.ProcessEnv) {
    this.stdout = stdout;
    this.stderr = stderr;
    this.isSmart = stderr.isTTY === true && environment['TERM'] !== 'dumb';
    this.#live = new LiveLine(stderr, this.isSmart);
    // https://no-color.org: any value but an empty one.
    this.isColoured = this.isSmart && (environment['NO_COLOR'] ?? '') === '';
    this.#paint = pc.createColors(this.isColoured);
  }

  /** What can be pressed is said to a person alone: a log has no keys. */
  withKeys(text: string, keys: string | undefined): string {
    return keys !== undefined && this.stderr.isTTY === true ? `${text}; ${keys}` : text;
  }

  /** Writes whole lines to stderr. */
  say(...lines: readonly Line[]): void {
    this.#live.clear();
    for (const { text, tone } of lines) this.stderr.write(`${this.#painted(text, tone)}\n`);
  }

  /** Replaces a line at the end of stderr; see `LiveLine`. */
  show(topic: string, text: string, fraction?: number, recipient?: number, detail?: string): void {
    const shown = detail === undefined ? undefined : printable(detail);
    this.#live.show(topic, printable(text), fraction, recipient, shown);
  }

  /** Removes what is shown of a recipient. */
  drop(recipient: number): void {
    this.#live.drop(recipient);
  }

  /** Makes room for a question. */
  pause(): void {
    this.#live.clear();
  }

  /** Writes lines of our own to stdout, as a program that reads a pipe wants them. */
  print(...lines: readonly string[]): void {
    this.#live.clear();
    for (const line of lines) this.stdout.write(`${printable(line)}\n`);
  }

  /** Writes the other side's text to stdout: unchanged to a pipe, escaped to a terminal. */
  printText(text: string): void {
    this.#live.clear();
    if (this.stdout.isTTY !== true) {
      this.stdout.write(text);
      return;
    }
    const shown = printableText(text);
    this.stdout.write(shown.endsWith('\n') ? shown : `${shown}\n`);
  }

  /** Writes to stderr what has line feeds and nothing from outside: a QR code. */
  picture(picture: string): void {
    this.#live.clear();
    this.stderr.write(`${picture}\n`);
  }

  #painted(text: string, tone: Tone = 'plain'): string {
    const safe = printable(text);
    switch (tone) {
      case 'plain':
        return safe;
      case 'strong':
        return this.#paint.bold(safe);
      case 'good':
        return this.#paint.green(safe);
      case 'bad':
        return this.#paint.red(safe);
      case 'faint':
        return this.#paint.dim(safe);
    }
  }
}
