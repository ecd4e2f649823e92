import { renderUnicodeCompact } from 'uqr';
import type { TerminalStream } from './live-line.js';

/** White on black whatever the terminal's own colours are: in the other direction few scanners read. */
const COLOURS = ['\u001b[38;5;231;48;5;16m', '\u001b[0m'] as const;
/** The light border. Scanners need only two modules of it; the standard's four cost space. */
const BORDER_MODULES = 2;

/**
 * `text` as a QR code, two modules in each character.
 *
 * @param above rows that are to be seen together with it
 * @param isColoured whether the terminal takes colours; else it is made for light-on-dark ones
 * @returns undefined if it needs more columns, or more rows than can be seen at once
 */
export function qrCode(
  text: string,
  { columns = 0, rows = Number.POSITIVE_INFINITY }: TerminalStream,
  { above, isColoured }: { readonly above: number; readonly isColoured: boolean },
): string | undefined {
  const code = renderUnicodeCompact(text, { border: BORDER_MODULES }).replace(/\n$/, '');
  const lines = code.split('\n');
  // And one each for its caption and what comes behind it.
  if ((lines[0]?.length ?? 0) > columns || above + lines.length + 2 > rows) return undefined;
  return isColoured ? lines.map((line) => COLOURS.join(line)).join('\n') : code;
}
