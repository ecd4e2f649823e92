import { renderUnicodeCompact } from 'uqr';

/** Light modules around the code: scanners find it with two, and the standard's four cost space. */
const BORDER_MODULES = 2;

/**
 * `text` as a QR code for terminals that write light on dark, two modules in each character.
 *
 * @returns undefined if a terminal of so many columns is too narrow for it
 */
export function qrCode(text: string, columns: number): string | undefined {
  const code = renderUnicodeCompact(text, { border: BORDER_MODULES });
  const width = code.indexOf('\n');
  return width <= columns ? code : undefined;
}
