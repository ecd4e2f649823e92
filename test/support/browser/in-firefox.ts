import type { Browser } from 'puppeteer-core';
import { bidiConnection } from './bidi-connection.js';

/**
 * Runs `body` in Firefox itself, where its settings and downloads are. Needs
 * `--remote-allow-system-access`.
 */
export async function runInFirefox(browser: Browser, body: string): Promise<void> {
  const connection = bidiConnection(browser);
  const tree = await connection.send('browsingContext.getTree', { 'moz:scope': 'chrome' });
  // As WebDriver BiDi has it.
  const { contexts } = tree.result as {
    readonly contexts: readonly { readonly context: string }[];
  };
  const { result } = await connection.send('script.evaluate', {
    target: { context: contexts[0]?.context },
    expression: `(async () => { ${body} })()`,
    awaitPromise: true,
  });
  // As WebDriver BiDi has it.
  const { exceptionDetails } = result as { readonly exceptionDetails?: { readonly text: string } };
  if (exceptionDetails !== undefined) throw new Error(`Firefox says: ${exceptionDetails.text}`);
}

/** Sets preferences of a Firefox that runs. */
export async function setPreferences(
  browser: Browser,
  preferences: Readonly<Record<string, string | number | boolean>>,
): Promise<void> {
  const lines = Object.entries(preferences).map(([name, value]) => {
    const type = { string: 'String', number: 'Int', boolean: 'Bool' }[typeof value as string];
    return `Services.prefs.set${String(type)}Pref('${name}', ${JSON.stringify(value)});`;
  });
  await runInFirefox(browser, lines.join('\n'));
}
