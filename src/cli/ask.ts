import { createInterface, emitKeypressEvents } from 'node:readline';
import { untilAborted } from '../base/deadline.js';
import { deferred } from '../base/deferred.js';
import { OnionferryError } from '../base/errors.js';
import { printable } from '../base/printable.js';
import { countText } from '../base/quantities.js';
import { type Key, SecretLine } from './secret-line.js';
import { texts } from './wording.js';

export interface AskOptions {
  /** Of a terminal it can be told to pass on each key. */
  readonly input: NodeJS.ReadableStream & { setRawMode?: (isRaw: boolean) => unknown };
  readonly output: NodeJS.WritableStream;
  readonly signal: AbortSignal;
}

export interface AskSecretOptions extends AskOptions {
  readonly message: string;
  /** Whether the terminal obeys what moves its cursor. */
  readonly isSmart: boolean;
  /** What Tab completes; nothing unless given. */
  readonly wordsBeginningWith?: ((start: string) => readonly string[]) | undefined;
}

const CLEAR_ROW = '\r\u001b[K';
/** Marks what is pasted, so that a line break in it does not end the question. */
const BRACKETED_PASTE = ['\u001b[?2004h', '\u001b[?2004l'] as const;
const BELL = '\u0007';

/**
 * Asks for a line, which is shown only after Ctrl-R.
 *
 * @throws OnionferryError ERR_INTERRUPTED after Ctrl-C and Ctrl-D; the signal's reason
 */
export async function askSecret(options: AskSecretOptions): Promise<string> {
  const { message, input, output, signal, isSmart, wordsBeginningWith = () => [] } = options;
  const line = new SecretLine(wordsBeginningWith);
  const [mark, unmark] = isSmart ? BRACKETED_PASTE : ['', ''];
  const draw = (): void => {
    const question = `${texts.enter} ${message}: `;
    const shown = line.isShown
      ? endOf(printable(line.text), output, question)
      : hiddenText(line.text);
    output.write(`${isSmart ? CLEAR_ROW : ''}${question}${shown}`);
  };
  const entered = deferred<string>();
  let isEntered = false;
  const press = (character: string | undefined, key: Key): void => {
    // More of it came along with the line break.
    if (isEntered) {
      isEntered = false;
      line.goOn();
    }
    const outcome = line.press(character, key);
    if (outcome === 'refused') output.write(BELL);
    if (outcome === 'entered') {
      isEntered = true;
      setImmediate(() => {
        if (isEntered) entered.resolve(line.text);
      });
    } else if (outcome === 'interrupted' || outcome === 'ended') {
      entered.reject(new OnionferryError('ERR_INTERRUPTED', 'interrupted'));
    } else if (isSmart) draw();
  };
  const end = (): void => entered.reject(new OnionferryError('ERR_INTERRUPTED', 'interrupted'));
  emitKeypressEvents(input);
  input.setRawMode?.(true);
  input.on('keypress', press);
  input.once('end', end);
  output.write(mark);
  draw();
  input.resume();
  try {
    return await untilAborted(entered.promise, signal);
  } finally {
    // Shown words do not stay on the screen.
    if (line.isShown && isSmart) {
      line.isShown = false;
      draw();
    }
    output.write(`${unmark}\n`);
    input.off('keypress', press);
    input.off('end', end);
    input.pause();
    input.setRawMode?.(false);
  }
}

/** As much as stays on one row, which can be cleared. */
function endOf(text: string, output: NodeJS.WritableStream, question: string): string {
  const columns = 'columns' in output ? Number(output.columns) : Number.NaN;
  const room = (columns > 0 ? columns : 80) - question.length - 2;
  return text.length <= room ? text : `…${text.slice(-Math.max(room, 1))}`;
}

/** Says that something was typed, and how many words of a password that are. */
function hiddenText(text: string): string {
  const words = text.split(/[\s-]+/).filter((word) => word !== '').length;
  return /[#/.]/.test(text) || words === 0
    ? texts.hidden
    : `${texts.hidden} ${countText(words, 'word')}`;
}

/** Asks for a line, which is shown. @throws OnionferryError ERR_INTERRUPTED at the end of input */
export async function askLine(question: string, options: AskOptions): Promise<string> {
  const answer = await answered(question, options, (line) => line.trim());
  if (answer !== undefined) return answer;
  throw new OnionferryError('ERR_INTERRUPTED', 'interrupted');
}

/**
 * Asks for yes or no (or the end of input).
 *
 * @param ofEmpty what an empty line means; "neither" asks again
 */
export async function askYesNo(
  question: string,
  options: AskOptions,
  ofEmpty: 'yes' | 'neither' = 'yes',
): Promise<boolean> {
  const answer = await answered(question, options, (line) => {
    const word = line.trim().toLowerCase();
    if (word === '') return ofEmpty === 'yes' ? true : undefined;
    if (word === 'y' || word === 'yes') return true;
    return word === 'n' || word === 'no' ? false : undefined;
  });
  return answer ?? false;
}

/** Asks until `read` makes something of a line. @returns undefined at the end of input */
async function answered<Answer>(
  question: string,
  { input, output, signal }: AskOptions,
  read: (line: string) => Answer | undefined,
): Promise<Answer | undefined> {
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
        return undefined;
      }
      const answer = read(next.value);
      if (answer !== undefined) return answer;
    }
  } finally {
    signal.removeEventListener('abort', endLine);
    lines.close();
  }
}
