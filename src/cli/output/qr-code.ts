import { renderUnicodeCompact } from 'uqr';

/** The light border. Scanners need only two modules of it; the standard's four cost space. */
const BORDER_MODULES = 2;

/**
 * `text` as a QR code for light-on-dark terminals, two modules in each character.
 *
 * @returns undefined if it needs more columns
 */
export function qrCode(text: string, columns: number): string | undefined {
  const code = renderUnicodeCompact(text, { border: BORDER_MODULES });
  const width = code.indexOf('\n');
  return width <= columns ? code : undefined;
}
