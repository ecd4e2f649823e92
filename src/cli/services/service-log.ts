import { fstatSync } from 'node:fs';
import type { FerryEvent } from '../../api/events.js';
import type { Logger } from '../../base/logger.js';
import { printable, printableJson } from '../../base/printable.js';
import type { TerminalStream } from '../output/live-line.js';
import type { OutputMode } from '../output/screen.js';
import { pageFileLine, purgedLine, refusedLine, sentence, visitLine } from '../wording.js';
import type { ServiceCommand } from './service-file.js';

/** As syslog numbers them (RFC 5424, table 2). */
const LEVELS = { error: 3, warning: 4, notice: 5, info: 6, debug: 7 } as const;
export type Level = keyof typeof LEVELS;

interface Source {
  readonly name: string;
  readonly command: ServiceCommand;
}

interface LogStreams {
  readonly stdout: TerminalStream;
  readonly stderr: TerminalStream;
}

/**
 * What services do, a line each: for the journal with its level in front, for others with time and
 * level. No password is ever in it: an invitation opens the service, and logs are kept.
 */
export class ServiceLog {
  readonly #streams: LogStreams;
  readonly #mode: OutputMode;
  readonly #isJournal: boolean;

  constructor(streams: LogStreams, mode: OutputMode, environment: NodeJS.ProcessEnv) {
    this.#streams = streams;
    this.#mode = mode;
    this.#isJournal = isJournal(environment['JOURNAL_STREAM']);
  }

  /** Tells what happened in a service. */
  event(source: Source, event: FerryEvent): void {
    const told = withoutSecrets(event);
    if (this.#mode.json) {
      if (event.event !== 'address') this.#json({ ...told, service: source.name });
      return;
    }
    const line = lineOf(source.command, told);
    if (line !== undefined) this.#line(line.level, line.text, source.name);
  }

  /** Says something about the program, or one service. @param fields for programs */
  say(level: Level, text: string, service?: string, fields: object = {}): void {
    const isShown = level !== 'debug' || this.#mode.verbose;
    if (!isShown) return;
    if (this.#mode.json) {
      this.#json({ event: 'log', level, message: text, ...fields, ...(service && { service }) });
    } else this.#line(level, text, service);
  }

  logger(service: string): Logger {
    return {
      debug: (message) => this.say('debug', message, service),
      warn: (message) => this.say('warning', message, service),
    };
  }

  #json(value: object): void {
    this.#streams.stdout.write(`${printableJson({ time: new Date().toISOString(), ...value })}\n`);
  }

  #line(level: Level, text: string, service: string | undefined): void {
    if (this.#mode.quiet && LEVELS[level] > LEVELS.warning) return;
    const whole = printable(service === undefined ? text : `${service}: ${text}`);
    const head = this.#isJournal ? `<${LEVELS[level]}>` : `${new Date().toISOString()} ${level} `;
    this.#streams.stderr.write(`${head}${whole}\n`);
  }
}

/** Whether stderr is the journal: a variable alone may have been inherited (systemd.exec(5)). */
function isJournal(variable: string | undefined): boolean {
  try {
    const { dev, ino } = fstatSync(2, { bigint: true });
    return variable === `${dev}:${ino}`;
  } catch {
    return false;
  }
}

function withoutSecrets(event: FerryEvent): FerryEvent {
  if (event.event !== 'online') return event;
  const { onion, url, user } = event;
  // An event with fewer fields; nobody here reads the others.
  return { event: 'online', onion, url, user } as FerryEvent;
}

/** @returns undefined for what no operator needs to know */
function lineOf(
  command: ServiceCommand,
  event: FerryEvent,
): { level: Level; text: string } | undefined {
  switch (event.event) {
    case 'online':
      return { level: 'notice', text: `online at ${event.url}` };
    case 'visit':
      return { level: 'info', text: visitLine(event).text };
    case 'refused':
      return { level: 'warning', text: refusedLine(event).text };
    case 'file':
      if (command === 'relay') return undefined;
      return { level: 'info', text: pageFileLine(command, event).text };
    case 'purged':
      return { level: 'info', text: purgedLine(event).text };
    case 'warning':
      return { level: 'warning', text: sentence(event.message) };
    case 'waiting':
      return { level: 'notice', text: `waiting: ${sentence(event.reason)}` };
    case 'done':
      return { level: 'notice', text: 'it is over' };
    default:
      return undefined;
  }
}
