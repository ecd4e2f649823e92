import axe, { type AxeResults } from 'axe-core';
import type { Page } from 'puppeteer-core';

/**
 * What axe finds wrong with a page, a line for each element. Scripts have to run in this browser,
 * but the page has to allow none: axe gets into it as a debugger would.
 */
export async function axeFindings(page: Page): Promise<string[]> {
  // A page that is looked at again has it already.
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axe.source);
  const { violations } = await page.evaluate(runAxe);
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html, failureSummary = '' }) => `${id}: ${help}: ${html} ${failureSummary}`),
  );
}

/** Runs in the page, where `axe` is. */
async function runAxe(): Promise<AxeResults> {
  return await (globalThis as unknown as { readonly axe: typeof axe }).axe.run(document, {
    resultTypes: ['violations'],
  });
}
