import { axeFindings } from './accessibility.js';
import { screenshot } from './screenshot.js';
import type { Browse, Kind } from './test.js';
import { PHONE_WIDTH, Visitor, type VisitorOptions } from './visitor.js';

/** The ways in which people see a page. */
const LOOKS: readonly { readonly name: string; readonly kind: Kind; readonly width?: number }[] = [
  { name: 'light', kind: 'standard' },
  { name: 'light-phone', kind: 'standard', width: PHONE_WIDTH },
  { name: 'dark', kind: 'dark' },
  { name: 'dark-phone', kind: 'dark', width: PHONE_WIDTH },
];

/**
 * Looks at one page on a desk and on a phone, light and dark.
 *
 * @param arrive leads a visitor to the page
 * @returns what is wrong with it: what axe finds, and what is wider than the window
 */
export async function lookAt(
  name: string,
  browse: Browse,
  options: Omit<VisitorOptions, 'browser' | 'width'>,
  arrive: (visitor: Visitor) => Promise<unknown>,
): Promise<string[]> {
  const wrong: string[] = [];
  for (const look of LOOKS) {
    const browser = await browse(look.kind);
    const width = look.width === undefined ? {} : { width: look.width };
    await using visitor = await Visitor.arrive({ ...options, ...width, browser });
    await arrive(visitor);
    await screenshot(visitor.page, `${name}-${look.name}`);
    const found = await axeFindings(visitor.page);
    if (await visitor.page.evaluate(isTooWide)) found.push('the page is wider than the window');
    wrong.push(...found.map((finding) => `${look.name}: ${finding}`));
  }
  return wrong;
}

/** Runs in the page. */
function isTooWide(): boolean {
  return document.documentElement.scrollWidth > document.documentElement.clientWidth;
}
