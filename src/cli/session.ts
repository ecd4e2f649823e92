import type { Handle } from '../api/handle.js';
import { utf8 } from '../base/bytes.js';
import { type AskOptions, askSecret } from './ask.js';
import type { Interruption } from './interruption.js';
import { Narrator, type Scene } from './output/narrator.js';
import type { Screen } from './output/screen.js';
import type { TerminalStream } from './output/terminal-stream.js';
import type { EnvironmentSecrets } from './secrets/environment.js';
import { readSecretFile, SECRET_MAX_BYTES, secretText } from './secrets/secret-text.js';
import type { StandardInput } from './secrets/standard-input.js';

export interface SessionParts {
  readonly screen: Screen;
  readonly input: StandardInput;
  readonly secrets: EnvironmentSecrets;
  readonly interruption: Interruption;
}

export interface SecretSources {
  /** What it is, as a sentence says it: "the password". */
  readonly what: string;
  /** `-` is standard input. */
  readonly file: string | undefined;
  readonly environment: string | undefined;
}

/** What a command works with while the program runs. */
export class Session {
  readonly screen: Screen;
  readonly input: StandardInput;
  readonly secrets: EnvironmentSecrets;
  readonly signal: AbortSignal;

  constructor({ screen, input, secrets, interruption }: SessionParts) {
    this.screen = screen;
    this.input = input;
    this.secrets = secrets;
    this.signal = interruption.signal;
  }

  /** Whether a question would be seen and could be answered. */
  get canAsk(): boolean {
    return this.input.isTerminal && this.#stderr.isTTY === true;
  }

  /** Tells what a handle tells, until nothing of it is left. */
  async follow<Summary>(handle: Handle<Summary>, scene: Scene): Promise<Summary> {
    const narrator = new Narrator(this.screen, scene);
    handle.onEvent((event) => this.screen.tell(event, () => narrator.tell(event)));
    try {
      return await handle.done;
    } finally {
      await handle.close();
    }
  }

  /** A secret from its file, else from the environment. @throws OnionferryError ERR_USAGE */
  async readSecret({ what, file, environment }: SecretSources): Promise<string | undefined> {
    if (file === undefined) {
      return environment === undefined ? undefined : secretText(utf8(environment), what);
    }
    if (file !== '-') return await readSecretFile(file, what);
    if (this.canAsk) return await this.askSecret(what);
    return await this.readSecretLine(what);
  }

  async readSecretLine(what: string): Promise<string> {
    return secretText(await this.input.readLine(what, SECRET_MAX_BYTES, this.signal), what);
  }

  /** As above, or undefined if standard input ends before it says anything. */
  async readSecretLineIfAny(what: string): Promise<string | undefined> {
    const line = await this.input.readLine(what, SECRET_MAX_BYTES, this.signal);
    return line.length === 0 ? undefined : secretText(line, what);
  }

  async readSecretToEnd(what: string): Promise<string> {
    return secretText(await this.input.readAll(what, SECRET_MAX_BYTES, this.signal), what);
  }

  async askSecret(what: string): Promise<string> {
    const answer = await askSecret({ ...this.askOptions(what), message: what });
    return secretText(utf8(answer), what);
  }

  /** Clears the terminal for a question; `what` is what standard input will be read for. */
  askOptions(what: string): AskOptions {
    this.screen.terminal.pause();
    return { input: this.input.keyboard(what), output: this.#stderr, signal: this.signal };
  }

  get #stderr(): TerminalStream {
    return this.screen.terminal.stderr;
  }
}
