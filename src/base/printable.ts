/**
 * What a terminal may obey instead of show: controls (C0, DEL, C1), format characters such as those
 * that turn the direction of text or are invisible, separators of lines, and halves of characters.
 */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}]/gu;

/**
 * `text` as one line that a terminal only shows. Everything that onionferry writes on a terminal
 * passes here, since any of it may hold names and words from the other side.
 */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, escape);
}

/** As `printable`, but keeps line feeds and tabs: for a text of several lines. */
export function printableText(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .replace(UNPRINTABLE, (character) =>
      character === '\n' || character === '\t' ? character : escape(character),
    );
}

/** One line of JSON that is safe on a terminal too, and stands for the very same value. */
export function printableJson(value: object): string {
  return JSON.stringify(value).replace(UNPRINTABLE, (character) =>
    Array.from({ length: character.length }, (_, index) => {
      const unit = character.charCodeAt(index).toString(16).padStart(4, '0');
      return `\\u${unit}`;
    }).join(''),
  );
}

function escape(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}
