import { inspect } from 'node:util';
import type { FerryEvent } from '../../api/events.js';
import type { OnionferryError } from '../../base/errors.js';
import type { Logger } from '../../base/logger.js';
import { silentLogger } from '../../base/logger.js';
import { printableJson } from '../../base/printable.js';
import { errorLines } from '../wording.js';
import type { OutputMode } from './mode.js';
import type { Line, Terminal } from './terminal.js';

/** What a command answers: an object for programs, lines for people. */
export interface Answer {
  readonly json: { readonly event: string; readonly [name: string]: unknown };
  /** For stdout. */
  readonly lines: readonly string[];
}

/** Says everything in the way that was asked for: to people, to people in a hurry, to programs. */
export class Screen {
  readonly terminal: Terminal;
  readonly mode: OutputMode;
  readonly logger: Logger;

  constructor(terminal: Terminal, mode: OutputMode) {
    this.terminal = terminal;
    this.mode = mode;
    this.logger = mode.verbose
      ? {
          debug: (message) => terminal.say({ text: message, tone: 'faint' }),
          warn: (message) => terminal.say({ text: message }),
        }
      : silentLogger;
  }

  /** Tells of an event; people are told by `narrate`. */
  tell<Event extends FerryEvent>(event: Event, narrate: (event: Event) => void): void {
    if (this.mode.json) this.#json(event);
    else narrate(event);
  }

  answer({ json, lines }: Answer): void {
    if (this.mode.json) this.#json(json);
    else this.terminal.print(...lines);
  }

  /** Says what is good to know but not needed. */
  remark(...lines: readonly Line[]): void {
    if (!this.mode.quiet && !this.mode.json) this.terminal.say(...lines);
  }

  /** Shows how far something is. */
  show(topic: string, text: string, fraction?: number): void {
    if (!this.mode.quiet && !this.mode.json) this.terminal.show(topic, text, fraction);
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
