/** The curves that the key agreement runs on, as `--curve` and the relay protocol name them. */
export const CURVE_NAMES = ['p256', 'p384', 'p521', 'ed25519', 'siec'] as const;

export type CurveName = (typeof CURVE_NAMES)[number];

export const DEFAULT_CURVE: CurveName = 'p256';

export function isCurveName(text: string): text is CurveName {
  return CURVE_NAMES.some((name) => name === text);
}
