import { inspect } from 'node:util';
import type { FerryEvent } from '../../api/events.js';
import type { OnionferryError } from '../../base/errors.js';
import { type Logger, silentLogger } from '../../base/logger.js';
import { printableJson } from '../../base/printable.js';
import { errorLines } from '../error-wording.js';
import type { Line, Terminal } from './terminal.js';

/** How much is printed, and in which form. */
export interface OutputMode {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
}

/** Reads the mode before the arguments are parsed, since it also holds for errors of parsing. */
export function outputMode(argv: readonly string[]): OutputMode {
  const end = argv.indexOf('--');
  const options = end < 0 ? argv : argv.slice(0, end);
  return {
    json: options.includes('--json'),
    quiet: options.some((option) => option === '--quiet' || /^-v*qv*$/.test(option)),
    verbose: options.some((option) => option === '--verbose' || /^-q*vq*$/.test(option)),
  };
}

/** What a command answers: an object for programs, lines for people. */
export interface Answer {
  readonly json: { readonly event: string; readonly [name: string]: unknown };
  /** For stdout. */
  readonly lines: readonly string[];
}

/** Prints everything in the mode that was asked for. */
export class Screen {
  readonly terminal: Terminal;
  readonly mode: OutputMode;
  readonly logger: Logger;

  constructor(terminal: Terminal, mode: OutputMode, logger?: Logger) {
    this.terminal = terminal;
    this.mode = mode;
    this.logger =
      logger ??
      (mode.verbose
        ? {
            debug: (message) => terminal.say({ text: message, tone: 'faint' }),
            warn: (message) => terminal.say({ text: message }),
          }
        : silentLogger);
  }

  /** Prints an event; `narrate` prints it for people. */
  tell<Event extends FerryEvent>(event: Event, narrate: (event: Event) => void): void {
    if (!this.mode.json) narrate(event);
    // A program may use an address at once: it gets the one that can be reached.
    else if (event.event !== 'address') this.#json(event);
  }

  answer({ json, lines }: Answer): void {
    if (this.mode.json) this.#json(json);
    else this.terminal.print(...lines);
  }

  /** Prints what is good to know but not needed. */
  remark(...lines: readonly Line[]): void {
    if (!this.mode.quiet && !this.mode.json) this.terminal.say(...lines);
  }

  /** Shows progress, of one of several recipients if it is numbered; see `LiveLine`. */
  show(topic: string, text: string, fraction?: number, recipient?: number, detail?: string): void {
    if (this.mode.quiet || this.mode.json) return;
    this.terminal.show(topic, text, fraction, recipient, detail);
  }

  fail(error: OnionferryError): void {
    if (this.mode.json) {
      this.#json({ event: 'error', code: error.code, message: error.message });
    }
    this.terminal.say(...errorLines(error));
    if (this.mode.verbose) {
      const lines = inspect(error).split('\n');
      this.terminal.say(...lines.map((text): Line => ({ text, tone: 'faint' })));
    }
  }

  #json(value: object): void {
    this.terminal.stdout.write(`${printableJson(value)}\n`);
  }
}
