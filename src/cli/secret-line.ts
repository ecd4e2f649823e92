/** A key as node:readline tells it. */
export interface Key {
  readonly name?: string | undefined;
  readonly sequence?: string | undefined;
  readonly ctrl?: boolean | undefined;
  readonly meta?: boolean | undefined;
}

/** What a key came to. */
export type Outcome = 'going-on' | 'refused' | 'entered' | 'ended' | 'interrupted';

/** As many as `SECRET_MAX_BYTES` may hold, and some white space. */
const CHARACTERS_MAX = 16_384;

/**
 * A line that is typed, and perhaps not shown. Line breaks in what is pasted are part of it: mails
 * and chats break invitations.
 */
export class SecretLine {
  text = '';
  isShown = false;
  #isPasting = false;
  readonly #wordsBeginningWith: (start: string) => readonly string[];

  /** @param wordsBeginningWith what Tab completes; none of nothing */
  constructor(wordsBeginningWith: (start: string) => readonly string[]) {
    this.#wordsBeginningWith = wordsBeginningWith;
  }

  press(character: string | undefined, key: Key): Outcome {
    if (key.name === 'paste-start' || key.name === 'paste-end') {
      this.#isPasting = key.name === 'paste-start';
      return 'going-on';
    }
    if (this.#isPasting) return this.#add(key.name === 'return' ? '\n' : (key.sequence ?? ''));
    if (key.ctrl === true) return this.#control(key.name);
    switch (key.name) {
      case 'return':
      case 'enter':
        return 'entered';
      case 'backspace':
        this.text = Array.from(this.text).slice(0, -1).join('');
        return 'going-on';
      case 'tab':
        return this.#complete();
      default:
        // Keys that write nothing: arrows, functions, Escape.
        if (character === undefined || key.meta === true || /\p{Cc}/u.test(character)) {
          return 'going-on';
        }
        return this.#add(character);
    }
  }

  /** A line break that belongs to what is pasted, where the terminal does not mark it. */
  goOn(): void {
    this.#add('\n');
  }

  #control(name: string | undefined): Outcome {
    switch (name) {
      case 'c':
        return 'interrupted';
      case 'd':
        return 'ended';
      case 'j':
        return 'entered';
      case 'h':
        return this.press(undefined, { name: 'backspace' });
      case 'u':
        this.text = '';
        return 'going-on';
      case 'w':
        this.text = this.text.replace(/[^\s-]*[\s-]*$/, '');
        return 'going-on';
      case 'r':
        this.isShown = !this.isShown;
        return 'going-on';
      default:
        return 'going-on';
    }
  }

  #add(text: string): Outcome {
    if (this.text.length + text.length > CHARACTERS_MAX) return 'refused';
    this.text += text;
    return 'going-on';
  }

  /** The word under way, as far as it is certain; then the hyphen behind it. */
  #complete(): Outcome {
    const [start = ''] = /[\p{L}\p{N}]*$/u.exec(this.text) ?? [];
    const words = start === '' ? [] : this.#wordsBeginningWith(start);
    const [first, ...others] = words;
    if (first === undefined) return 'refused';
    let certain = first.length;
    for (const word of others) while (!word.startsWith(first.slice(0, certain))) certain--;
    const isWhole = others.length === 0;
    if (!isWhole && certain === start.length) return 'refused';
    const added = this.text.slice(0, this.text.length - start.length) + first.slice(0, certain);
    this.text = isWhole ? `${added}-` : added;
    return 'going-on';
  }
}
