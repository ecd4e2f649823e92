/*
 * The little of man(7) that our pages need: https://man7.org/linux/man-pages/man7/groff_man.7.html.
 * mandoc reads it as well.
 */

const ESCAPED: Readonly<Record<string, string>> = {
  '\\': '\\(rs',
  "'": '\\(aq',
  '"': '\\(dq',
  '`': '\\(ga',
  '^': '\\(ha',
  '~': '\\(ti',
};

/** For what is typed: each hyphen is copied as one. */
export function literal(text: string): string {
  return escaped(text).replaceAll('-', '\\-');
}

/** For sentences: only the hyphens of options are to be copied. */
export function prose(text: string): string {
  return text
    .split(/(\s+)/)
    .map((word) => (/^["(]?-/.test(word) ? literal(word) : escaped(word)))
    .join('');
}

/** "-o, --out <dir>" with what is typed in bold, and what stands for something in italics. */
export function term(text: string): string {
  return text
    .split(/(\s+|, |[[\]|<>])/)
    .map((part) => {
      if (part === '' || /^(?:\s+|, |[[\]|])$/.test(part)) return part;
      if (part === '<' || part === '>') return '';
      return part.startsWith('-') ? bold(part) : italic(part);
    })
    .join('');
}

export function bold(text: string): string {
  return `\\fB${literal(text)}\\fR`;
}

function italic(text: string): string {
  return `\\fI${literal(text)}\\fR`;
}

/** A line of a page; what begins with a dot or a quote would be a request. */
export function line(text: string): string {
  return /^[.']/.test(text) ? `\\&${text}` : text;
}

/** A section of the page; nothing where it would be empty. */
export function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [`.SH ${title}`, ...lines];
}

/** A term, and below it what it means. */
export function item(head: string, meaning: string): readonly string[] {
  return ['.TP', line(head), line(prose(sentences(meaning)))];
}

/** What is typed, line by line. */
export function verbatim(lines: readonly string[]): readonly string[] {
  return ['.nf', '.RS', ...lines.map((text) => line(literal(text))), '.RE', '.fi'];
}

/** The terminal's wording, which is lower case and may lack its full stop, as sentences. */
export function sentences(text: string): string {
  const joined = text.replace(/\s+/g, ' ').trim();
  const capital = joined.replace(/(^|\. )([a-z])/g, (_, before: string, letter: string) => {
    return `${before}${letter.toUpperCase()}`;
  });
  return /[.:?!]$/.test(capital) ? capital : `${capital}.`;
}

/** groff reads bytes unless told: what is not ASCII is named, as in groff_char(7). */
function escaped(text: string): string {
  return text.replace(/[\\'"`^~]|[^\x00-\x7f]/gu, (character) => {
    const point = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
    return ESCAPED[character] ?? `\\[u${point}]`;
  });
}
