import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const CSS = readFileSync(new URL('../../../src/pages/design/style.css', import.meta.url), 'utf8');
const DARK_AT = CSS.indexOf('prefers-color-scheme: dark');

/** Text on its ground, and what else must be told apart from it (WCAG 2.2, 1.4.3 and 1.4.11). */
const TEXT: readonly [string, string][] = [
  ['ink', 'paper'],
  ['ink', 'sheet'],
  ['ink', 'raised'],
  ['soft', 'paper'],
  ['soft', 'sheet'],
  ['soft', 'raised'],
  ['accent', 'paper'],
  ['accent', 'sheet'],
  ['accent', 'raised'],
  ['accent-lively', 'paper'],
  ['accent-lively', 'sheet'],
  ['on-accent', 'accent'],
  ['on-accent', 'accent-lively'],
  ['bad', 'bad-ground'],
  ['careful', 'careful-ground'],
  ['ink', 'bad-ground'],
  ['ink', 'careful-ground'],
];
const EDGES: readonly [string, string][] = [
  ['strong-line', 'sheet'],
  ['strong-line', 'paper'],
];

describe.each([
  ['light', CSS.slice(0, DARK_AT)],
  ['dark', CSS.slice(DARK_AT)],
])('in %s', (_name, css) => {
  test.each(TEXT)('%s can be read on %s', (text, ground) => {
    expect(contrast(colourOf(css, text), colourOf(css, ground))).toBeGreaterThanOrEqual(4.5);
  });

  test.each(EDGES)('%s can be seen on %s', (edge, ground) => {
    expect(contrast(colourOf(css, edge), colourOf(css, ground))).toBeGreaterThanOrEqual(3);
  });
});

function colourOf(css: string, name: string): string {
  const colour = new RegExp(`--${name}: #([0-9a-f]{6});`).exec(css)?.[1];
  if (colour === undefined) throw new Error(`there is no colour ${name}`);
  return colour;
}

/** WCAG 2.2, "contrast ratio". */
function contrast(one: string, other: string): number {
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [0, 2, 4].map((at) => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
