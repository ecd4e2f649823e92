import { axeFindings } from './accessibility.js';
import { screenshot } from './screenshot.js';
import type { Browse, Kind } from './test.js';
import { DESK_WIDTH, PHONE_WIDTH, Visitor, type VisitorOptions } from './visitor.js';

/** The ways in which people see a page. */
const LOOKS: readonly { readonly name: string; readonly kind: Kind; readonly width: number }[] = [
  { name: 'light', kind: 'standard', width: DESK_WIDTH },
  { name: 'light-phone', kind: 'standard', width: PHONE_WIDTH },
  { name: 'dark-phone', kind: 'dark', width: PHONE_WIDTH },
  { name: 'dark', kind: 'dark', width: DESK_WIDTH },
];

/**
 * Looks at one page on a desk and on a phone, light and dark: the same page, whose window changes
 * its width and whose Firefox its colours, as people do.
 *
 * @param arrive leads a visitor to the page
 * @returns what is wrong with it: what axe finds, what is wider than the window
 */
export async function lookAt(
  name: string,
  browse: Browse,
  options: Omit<VisitorOptions, 'browser'>,
  arrive: (visitor: Visitor) => Promise<unknown>,
): Promise<string[]> {
  const wrong: string[] = [];
  await using visitor = await Visitor.arrive({ ...options, browser: await browse('standard') });
  await arrive(visitor);
  for (const look of LOOKS) {
    await browse(look.kind);
    await visitor.resize(look.width);
    // The page hears of both a moment later.
    await visitor.page.waitForFunction(isSeenAs, {}, look.width, look.kind === 'dark');
    await screenshot(visitor.page, `${name}-${look.name}`);
    const found = await axeFindings(visitor.page);
    if (await visitor.page.evaluate(isTooWide)) found.push('the page is wider than the window');
    wrong.push(...found.map((finding) => `${look.name}: ${finding}`));
  }
  return wrong;
}

/** Runs in the page: whether it has this width, and is as dark as it will be. */
function isSeenAs(width: number, isDark: boolean): boolean {
  const isAsked =
    innerWidth === width && matchMedia('(prefers-color-scheme: dark)').matches === isDark;
  // Buttons change their colours in a tenth of a second.
  return isAsked && document.getAnimations().length === 0;
}

/** Runs in the page. */
function isTooWide(): boolean {
  return document.documentElement.scrollWidth > document.documentElement.clientWidth;
}
