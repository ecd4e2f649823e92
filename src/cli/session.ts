import type { Handle } from '../api/handle.js';
import { usageError } from '../api/options.js';
import type { Drain, SharedTor } from '../api/settings.js';
import { utf8 } from '../base/bytes.js';
import { type AskOptions, askLine, askSecret } from './ask.js';
import type { Config } from './config-file.js';
import type { Interruption } from './interruption.js';
import { Attention } from './output/attention.js';
import type { TerminalStream } from './output/live-line.js';
import { Narrator, type Scene } from './output/narrator.js';
import type { Screen } from './output/screen.js';
import type { EnvironmentSecrets } from './secrets/environment.js';
import { readSecretFile, SECRET_MAX_BYTES, secretText } from './secrets/secret-text.js';
import type { StandardInput } from './secrets/standard-input.js';

export interface SessionParts {
  readonly screen: Screen;
  readonly input: StandardInput;
  readonly secrets: EnvironmentSecrets;
  readonly interruption: Pick<Interruption, 'signal' | 'serve'>;
  /** What the configuration file says, which the program knows already. */
  readonly config?: Config;
}

const RELAY_PASSWORD = 'the relay password';

/** What a command works with while the program runs. */
export class Session {
  readonly screen: Screen;
  readonly input: StandardInput;
  readonly secrets: EnvironmentSecrets;
  readonly signal: AbortSignal;
  readonly config: Config | undefined;
  /** Of services that run side by side: the tor that they share, and when they are to end. */
  readonly shared?: { readonly tor: SharedTor; readonly drain: Drain };
  readonly #interruption: SessionParts['interruption'];

  constructor({ screen, input, secrets, interruption, config }: SessionParts) {
    this.#interruption = interruption;
    this.screen = screen;
    this.input = input;
    this.secrets = secrets;
    this.config = config;
    this.signal = interruption.signal;
  }

  /** See `Interruption.serve`. */
  serve(...how: Parameters<Interruption['serve']>): void {
    this.#interruption.serve(...how);
  }

  /** Whether a question would be seen and could be answered. */
  get canAsk(): boolean {
    return this.input.isTerminal && this.#stderr.isTTY === true;
  }

  /** Reports what a handle reports, until nothing of it is left. */
  async follow<Summary>(handle: Handle<Summary>, scene: Scene): Promise<Summary> {
    const narrator = new Narrator(this.screen, scene);
    const attention = new Attention(this.screen, scene);
    handle.onEvent((event) => this.screen.tell(event, () => narrator.tell(event)));
    handle.onEvent((event) => attention.tell(event));
    try {
      return await handle.done;
    } catch (error) {
      attention.failed(error);
      throw error;
    } finally {
      await handle.close();
    }
  }

  /** From --password-file, else ONIONFERRY_PASSWORD. @throws OnionferryError ERR_USAGE */
  async password(options: { readonly passwordFile?: string }): Promise<string | undefined> {
    return await this.#secret('the password', options.passwordFile, this.secrets.password);
  }

  /** From --relay-password-file, else ONIONFERRY_RELAY_PASSWORD. @throws OnionferryError ERR_USAGE */
  async relayPassword(options: {
    readonly relayPasswordFile?: string;
  }): Promise<string | undefined> {
    return await this.#secret(
      RELAY_PASSWORD,
      options.relayPasswordFile,
      this.secrets.relayPassword,
    );
  }

  /** From --store-password-file. @throws OnionferryError ERR_USAGE */
  async storePassword(options: {
    readonly storePasswordFile?: string;
  }): Promise<string | undefined> {
    return await this.#secret('the password of the store', options.storePasswordFile, undefined);
  }

  /** As `relayPassword`, else asks for it. @throws OnionferryError ERR_USAGE if nobody can be asked */
  async needRelayPassword(options: { readonly relayPasswordFile?: string }): Promise<string> {
    const given = await this.relayPassword(options);
    if (given !== undefined) return given;
    if (this.canAsk) return await this.askSecret(RELAY_PASSWORD);
    throw usageError(
      'the relay needs a password; use --relay-password-file or ONIONFERRY_RELAY_PASSWORD',
    );
  }

  /** The first line of standard input. @param what names it in errors: "the password" */
  async readSecretLine(what: string): Promise<string> {
    return secretText(await this.input.readLine(what, SECRET_MAX_BYTES, this.signal), what);
  }

  /**
   * The first lines of standard input, until they are whole, end, or nothing comes for a while;
   * undefined if they are blank.
   */
  async readSecretLinesIfAny(
    what: string,
    isWhole: (text: string) => boolean,
  ): Promise<string | undefined> {
    const isEnough = (bytes: Uint8Array): boolean => isWhole(new TextDecoder().decode(bytes));
    const lines = await this.input.readLines(what, SECRET_MAX_BYTES, this.signal, isEnough);
    return isBlank(lines) ? undefined : secretText(lines, what);
  }

  /** The first line of standard input, or undefined if that is empty. */
  async readSecretLineIfAny(what: string): Promise<string | undefined> {
    const line = await this.input.readLine(what, SECRET_MAX_BYTES, this.signal);
    return line.length === 0 ? undefined : secretText(line, what);
  }

  async readSecretToEnd(what: string): Promise<string> {
    return secretText(await this.input.readAll(what, SECRET_MAX_BYTES, this.signal), what);
  }

  /** Asks until something is typed. @param completes what Tab completes */
  async askSecret(what: string, completes?: (start: string) => readonly string[]): Promise<string> {
    const { isSmart } = this.screen.terminal;
    for (;;) {
      const asking = { ...this.askOptions(what), message: what, isSmart };
      const answer = await askSecret({ ...asking, wordsBeginningWith: completes });
      if (answer.trim() !== '') return secretText(utf8(answer), what);
    }
  }

  /** Asks for a line that is shown. */
  async askLine(question: string): Promise<string> {
    return await askLine(question, this.askOptions('the answer'));
  }

  /** Clears the terminal for a question. @param what standard input will be read for */
  askOptions(what: string): AskOptions {
    this.screen.terminal.pause();
    return { input: this.input.keyboard(what), output: this.#stderr, signal: this.signal };
  }

  /** @param file `-` is standard input */
  async #secret(
    what: string,
    file: string | undefined,
    environment: string | undefined,
  ): Promise<string | undefined> {
    if (file === undefined) {
      return environment === undefined ? undefined : secretText(utf8(environment), what);
    }
    if (file !== '-') return await readSecretFile(file, what);
    return this.canAsk ? await this.askSecret(what) : await this.readSecretLine(what);
  }

  get #stderr(): TerminalStream {
    return this.screen.terminal.stderr;
  }
}

function isBlank(bytes: Uint8Array): boolean {
  return new TextDecoder().decode(bytes).trim() === '';
}
