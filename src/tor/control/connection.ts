import { setMaxListeners } from 'node:events';
import { deadline, untilAborted } from '../../base/deadline.js';
import { OnionferryError } from '../../base/errors.js';
import { connectEndpoint, formatTorEndpoint, type TorEndpoint } from './endpoint.js';
import { type GranaxController, granaxOn } from './granax.js';
import { quote, unquote } from './quoting.js';
import { ReplyFraming } from './reply-framing.js';

/** tor answers at once or not at all: every command is local, none waits for the network. */
export const COMMAND_DEADLINE_MS = 10_000;

export interface CommandOptions {
  readonly signal?: AbortSignal;
  /** Default COMMAND_DEADLINE_MS. */
  readonly deadlineMs?: number;
}

/** A value without quotes is sent bare: SETCONF takes `Name` alone as "its default". */
export type Setting = readonly [name: string, value?: string];

/**
 * tor's control port, spoken through granax. Every command rejects when the connection closes,
 * when its deadline has passed or when its signal aborts; none can be left hanging.
 */
export class ControlConnection {
  /** Resolves, never rejects, once nothing can be asked any more. */
  readonly closed: Promise<OnionferryError>;
  readonly #framing: ReplyFraming;
  readonly #granax: GranaxController;
  readonly #closing = new AbortController();
  readonly #listened = new Map<string, number>();

  private constructor(framing: ReplyFraming) {
    this.#framing = framing;
    setMaxListeners(0, this.#closing.signal); // one for each command in flight
    this.#granax = granaxOn(framing);
    let cause: unknown;
    this.#granax.on('error', (error) => {
      cause = error;
    });
    this.closed = new Promise((resolve) => {
      this.#granax.once('close', () => {
        const reason =
          cause instanceof OnionferryError
            ? cause
            : new OnionferryError('ERR_TOR_CONTROL', 'tor has closed its control connection', {
                cause,
              });
        this.#closing.abort(reason);
        resolve(reason);
      });
    });
  }

  /** @throws OnionferryError ERR_TOR_CONTROL if nothing listens there */
  static async connect(endpoint: TorEndpoint, signal?: AbortSignal): Promise<ControlConnection> {
    try {
      return new ControlConnection(new ReplyFraming(await connectEndpoint(endpoint, signal)));
    } catch (error) {
      signal?.throwIfAborted();
      throw new OnionferryError(
        'ERR_TOR_CONTROL',
        `cannot reach tor's control port at ${formatTorEndpoint(endpoint)}`,
        { cause: error },
      );
    }
  }

  /**
   * Sends one command and returns the reply's lines without their status.
   *
   * @throws OnionferryError ERR_TOR_CONTROL with tor's words if it refuses
   */
  async send(command: string, options: CommandOptions = {}): Promise<string[]> {
    // The reply's parsers of granax cut values; it knows none for a name in lower case.
    const [name = '', rest = ''] = /^(\w+)(.*)$/s.exec(command)?.slice(1) ?? [];
    if (name === '' || /[\r\n]/.test(rest)) {
      throw new OnionferryError('ERR_TOR_CONTROL', 'a command to tor must be one line');
    }
    const { signal, deadlineMs = COMMAND_DEADLINE_MS } = options;
    using limit = deadline(deadlineMs, () => unanswered(name), signal);
    const reply = new Promise<string[]>((resolve, reject) => {
      if (this.#closing.signal.aborted) return;
      this.#granax._send(name.toLowerCase() + rest, (error, lines) => {
        if (error === null) resolve(lines);
        else reject(refused(name, error));
      });
    });
    return await untilAborted(untilAborted(reply, this.#closing.signal), limit.signal);
  }

  /** The value of one key, its lines joined by line feeds. */
  async getInfo(key: string, options?: CommandOptions): Promise<string> {
    const lines = await this.send(`GETINFO ${key}`, options);
    const [first = '', ...more] = lines.slice(0, -1);
    return [first.slice(first.indexOf('=') + 1), ...more].join('\n').trimStart();
  }

  /** The options as tor lists them, in order; an option at its default has no value. */
  async getConf(name: string, options?: CommandOptions): Promise<Setting[]> {
    const lines = await this.send(`GETCONF ${name}`, options);
    return lines.map((line) => {
      const at = line.indexOf('=');
      return at < 0 ? [line] : [line.slice(0, at), unquote(line.slice(at + 1))];
    });
  }

  /** Sets all at once or nothing; settings of one kind keep their order. */
  async setConf(settings: readonly Setting[], options?: CommandOptions): Promise<void> {
    const words = settings.map(([name, value]) =>
      value === undefined ? name : `${name}=${quote(value)}`,
    );
    await this.send(`SETCONF ${words.join(' ')}`, options);
  }

  async signal(name: 'NEWNYM' | 'SHUTDOWN', options?: CommandOptions): Promise<void> {
    await this.send(`SIGNAL ${name}`, options);
  }

  /**
   * Calls `listener` with the lines of each event, the name taken off. Returns what ends that.
   */
  async listen(
    event: string,
    listener: (lines: readonly string[]) => void,
    options?: CommandOptions,
  ): Promise<() => void> {
    this.#granax.on(event, listener);
    this.#listened.set(event, (this.#listened.get(event) ?? 0) + 1);
    const stop = (): void => {
      this.#granax.off(event, listener);
      this.#listened.set(event, (this.#listened.get(event) ?? 1) - 1);
    };
    try {
      await this.#setEvents(options);
    } catch (error) {
      stop();
      throw error;
    }
    return stop;
  }

  get isClosed(): boolean {
    return this.#closing.signal.aborted || this.#framing.destroyed;
  }

  /** Ends the connection; a tor that we own ends with it. */
  close(): void {
    this.#framing.destroy();
  }

  async #setEvents(options?: CommandOptions): Promise<void> {
    // An event once asked for stays on: asking again for each end would only race with others.
    await this.send(`SETEVENTS ${[...this.#listened.keys()].join(' ')}`, options);
  }
}

function unanswered(command: string): OnionferryError {
  return new OnionferryError(
    'ERR_TOR_CONTROL',
    `tor does not answer ${command}: it hangs or is stopped`,
  );
}

function refused(command: string, error: Error): OnionferryError {
  // tor names no secret in a refusal, except that it may repeat what it was told.
  const words = command === 'AUTHENTICATE' ? error.message.slice(0, 3) : error.message;
  return new OnionferryError('ERR_TOR_CONTROL', `tor refuses ${command}: ${words}`, {
    cause: error,
  });
}
