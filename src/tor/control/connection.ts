import { setMaxListeners } from 'node:events';
import { deadline, untilAborted } from '../../base/deadline.js';
import { hasCode, OnionferryError } from '../../base/errors.js';
import { connectEndpoint, formatTorEndpoint, type TorEndpoint } from './endpoint.js';
import { granaxOn, type OnReply, type TorController } from './granax.js';
import { controlError, isRefusal, quote, unquote } from './quoting.js';
import { ReplyFraming } from './reply-framing.js';

/** tor answers at once or not at all: every command is local, none waits for the network. */
export const COMMAND_DEADLINE_MS = 10_000;

export interface CommandOptions {
  readonly signal?: AbortSignal | undefined;
  /** Default COMMAND_DEADLINE_MS. */
  readonly deadlineMs?: number;
}

/** Without a value SETCONF sends the bare name, which means "its default". */
export type Setting = readonly [name: string, value?: string];

/**
 * tor's control port, spoken through granax. Every command rejects when the connection closes,
 * when its deadline passes or when its signal aborts; none is left pending.
 */
export class ControlConnection {
  /** Resolves, never rejects, once the connection has closed. */
  readonly closed: Promise<OnionferryError>;
  readonly #framing: ReplyFraming;
  readonly #granax: TorController;
  readonly #closing = new AbortController();
  readonly #listeners = new Map<string, number>();

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
            : controlError('tor has closed its control connection', cause);
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
      throw controlError(
        `cannot reach tor's control port at ${formatTorEndpoint(endpoint)}`,
        error,
      );
    }
  }

  /**
   * Sends one command as it stands and returns the lines of the reply without their status: for the
   * commands whose replies granax would shorten (../README.md).
   *
   * @throws OnionferryError ERR_TOR_CONTROL with tor's words if it refuses
   */
  async send(command: string, options?: CommandOptions): Promise<string[]> {
    const [name = '', rest = ''] = /^(\w+)(.*)$/s.exec(command)?.slice(1) ?? [];
    if (name === '' || /[\r\n]/.test(rest)) {
      throw controlError('a command to tor must be one line');
    }
    // granax parses replies by the command's name, and knows none in lower case.
    const plain = name.toLowerCase() + rest;
    return await this.#reply(name, (onReply) => this.#granax._send(plain, onReply), options);
  }

  /** @param proof that we know the cookie; empty where tor asks for none */
  async authenticate(proof: string, options?: CommandOptions): Promise<void> {
    const send = (onReply: OnReply): void => this.#granax.authenticate(proof, onReply);
    await this.#reply('AUTHENTICATE', send, options);
  }

  async signal(name: 'NEWNYM' | 'SHUTDOWN', options?: CommandOptions): Promise<void> {
    await this.#reply('SIGNAL', (onReply) => this.#granax.signal(name, onReply), options);
  }

  /**
   * Begins a circuit and returns its number. Events say when it is built.
   *
   * @throws OnionferryError ERR_TOR_CONTROL also while tor lacks what a circuit needs
   */
  async createCircuit(options?: CommandOptions): Promise<string> {
    const send = (onReply: OnReply): void => this.#granax.createCircuit(onReply);
    const [line = ''] = await this.#reply('EXTENDCIRCUIT', send, options);
    const circuit = /^EXTENDED (\d+)/.exec(line)?.[1];
    if (circuit !== undefined) return circuit;
    throw controlError(`tor answers EXTENDCIRCUIT with ${line}`);
  }

  /** Does nothing if the circuit has closed already. */
  async closeCircuit(circuit: string, options?: CommandOptions): Promise<void> {
    const send = (onReply: OnReply): void => this.#granax.closeCicuit(circuit, onReply);
    try {
      await this.#reply('CLOSECIRCUIT', send, options);
    } catch (error) {
      const isUnknown = hasCode(error, 'ERR_TOR_CONTROL') && /: 552 /.test(error.message);
      if (!isUnknown) throw error;
    }
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

  /** Sets all or none; settings of one name keep their order. */
  async setConf(settings: readonly Setting[], options?: CommandOptions): Promise<void> {
    const words = settings.map(([name, value]) =>
      value === undefined ? name : `${name}=${quote(value)}`,
    );
    await this.send(`SETCONF ${words.join(' ')}`, options);
  }

  /**
   * Calls `listener` with the lines of each event, without the event's name, until it is disposed
   * of.
   */
  async listen(
    event: string,
    listener: (lines: readonly string[]) => void,
    options?: CommandOptions,
  ): Promise<Disposable> {
    this.#granax.on(event, listener);
    this.#listeners.set(event, (this.#listeners.get(event) ?? 0) + 1);
    const stop = (): void => {
      this.#granax.off(event, listener);
      this.#listeners.set(event, (this.#listeners.get(event) ?? 1) - 1);
    };
    // tor keeps sending an event once asked for: taking it back would only race with other calls.
    const events = [...this.#listeners.keys()];
    const send = (onReply: OnReply): void => this.#granax.addEventListeners(events, onReply);
    try {
      await this.#reply('SETEVENTS', send, options);
    } catch (error) {
      stop();
      // Asked for again, an event that a filter refuses would have all later ones refused with it.
      if (isRefusal(error) && this.#listeners.get(event) === 0) this.#listeners.delete(event);
      throw error;
    }
    return { [Symbol.dispose]: stop };
  }

  get isClosed(): boolean {
    return this.#closing.signal.aborted || this.#framing.destroyed;
  }

  /** Ends the connection; a tor that we own ends with it. */
  close(): void {
    this.#framing.destroy();
  }

  async #reply(
    name: string,
    send: (onReply: OnReply) => void,
    { signal, deadlineMs = COMMAND_DEADLINE_MS }: CommandOptions = {},
  ): Promise<string[]> {
    using limit = deadline(deadlineMs, () => unanswered(name), signal);
    const reply = new Promise<string[]>((resolve, reject) => {
      if (this.#closing.signal.aborted) return;
      send((error, lines) => {
        if (error === null) resolve(lines);
        else reject(refused(name, error));
      });
    });
    return await untilAborted(untilAborted(reply, this.#closing.signal), limit.signal);
  }
}

function unanswered(command: string): OnionferryError {
  return controlError(`tor does not answer ${command}: it hangs or is stopped`);
}

/** Commands with a secret that nobody else may learn. */
const HAS_SECRET = /^(?:AUTHENTICATE|ONION_CLIENT_AUTH_ADD)$/i;

function refused(command: string, error: Error): OnionferryError {
  // tor's refusals hold no secret, except that one may repeat what it was sent.
  const words = HAS_SECRET.test(command) ? error.message.slice(0, 3) : error.message;
  return controlError(`tor refuses ${command}: ${words}`, error);
}
