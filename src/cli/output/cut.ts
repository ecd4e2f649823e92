/** What takes two columns of a terminal: East Asian characters and pictures. */
const WIDE =
  /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}|[\u3000-\u303f\uff01-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Columns of a terminal that a printable text takes. */
export function columnsOf(text: string): number {
  return charactersOf(text).reduce((sum, character) => sum + widthOf(character), 0);
}

/** A text in at most so many columns: its beginning and its end, which for a path says the most. */
export function cutInTheMiddle(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text;
  const characters = charactersOf(text);
  const room = Math.max(columns - 1, 0);
  const end = upTo(characters.toReversed(), Math.ceil((room * 2) / 3)).reverse();
  const start = upTo(characters, room - columnsOf(end.join('')));
  return columns < 1 ? '' : `${start.join('')}…${end.join('')}`;
}

/** What fits of parts with commas between, the first of which says the most. */
export function cutBetweenParts(text: string, columns: number): string {
  let cut = text;
  while (columnsOf(cut) > columns) {
    const comma = cut.lastIndexOf(', ');
    if (comma < 0) return cutInTheMiddle(cut, columns);
    cut = cut.slice(0, comma);
  }
  return cut;
}

/** As many of the first as take no more columns. */
function upTo(characters: readonly string[], columns: number): string[] {
  const taken: string[] = [];
  let width = 0;
  for (const character of characters) {
    width += widthOf(character);
    if (width > columns) break;
    taken.push(character);
  }
  return taken;
}

function charactersOf(text: string): string[] {
  return Array.from(graphemes.segment(text), ({ segment }) => segment);
}

function widthOf(character: string): number {
  return WIDE.test(character) ? 2 : 1;
}
