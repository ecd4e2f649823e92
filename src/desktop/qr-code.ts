import { encode } from 'uqr';
import type { QrCode } from '../pages/desktop/state.js';

/** The light border; the standard asks for four modules. */
const BORDER_MODULES = 4;

/** `text` as the shape of a QR code. */
export function qrCode(text: string): QrCode {
  const { data, size } = encode(text, { border: BORDER_MODULES });
  const rows = data.map((row, y) =>
    row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : '')).join(''),
  );
  return { size, path: rows.join('') };
}
