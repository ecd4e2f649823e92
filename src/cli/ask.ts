import { createInterface } from 'node:readline';
import { untilAborted } from '../base/deadline.js';
import { OnionferryError } from '../base/errors.js';
import { texts } from './wording.js';

export interface AskOptions {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
  readonly signal: AbortSignal;
}

export interface AskSecretOptions extends AskOptions {
  readonly message: string;
}

const same = (text: string): string => text;

/** Asks for a line without showing it. @throws OnionferryError ERR_INTERRUPTED; the signal's reason */
export async function askSecret(options: AskSecretOptions): Promise<string> {
  const { message, input, output, signal } = options;
  // A third of the program, which most calls do without.
  const { default: password } = await import('@inquirer/password');
  // The prompt handles keys and signals, but would never notice the end of input.
  const ended = new AbortController();
  const end = (_: string, key: { ctrl: boolean; name?: string } | undefined): void => {
    if (key?.ctrl === true && key.name === 'd') ended.abort();
  };
  input.on('keypress', end);
  try {
    return await password(
      {
        message,
        mask: false,
        theme: {
          prefix: texts.enter,
          style: { message: (text: string) => `${text}:`, help: () => texts.hidden, error: same },
        },
      },
      { input, output, signal: AbortSignal.any([signal, ended.signal]) },
    );
  } catch (cause) {
    signal.throwIfAborted();
    throw new OnionferryError('ERR_INTERRUPTED', 'interrupted', { cause });
  } finally {
    input.off('keypress', end);
  }
}

/** Asks for yes (or an empty line) or no (or the end of input). */
export async function askYesNo(question: string, options: AskOptions): Promise<boolean> {
  const { input, output, signal } = options;
  // Not in raw mode: the terminal edits the line, and turns Ctrl-C into a signal.
  const lines = createInterface({ input, terminal: false });
  const answers = lines[Symbol.asyncIterator]();
  const endLine = (): void => void output.write('\n');
  signal.addEventListener('abort', endLine, { once: true });
  try {
    for (;;) {
      output.write(question);
      const next: IteratorResult<string, undefined> = await untilAborted(answers.next(), signal);
      if (next.done === true) {
        endLine();
        return false;
      }
      const word = next.value.trim().toLowerCase();
      if (word === '' || word === 'y' || word === 'yes') return true;
      if (word === 'n' || word === 'no') return false;
    }
  } finally {
    signal.removeEventListener('abort', endLine);
    lines.close();
  }
}
