import { homedir } from 'node:os';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { defaultDataDir, usageError } from '../../api/options.js';
import { hasCode, type OnionferryError } from '../../base/errors.js';
import { hintsOf } from '../error-wording.js';
import { commonOptions, type GlobalOptions } from '../global-options.js';
import type { Session } from '../session.js';
import { sentence, texts } from '../wording.js';

interface OpenOptions extends GlobalOptions {
  readonly browser: boolean;
}

const EXAMPLES = `
a page on this computer, in your own browser: share, send, receive, take
uploads or serve a site without a terminal. the address that is printed works
once, in one browser, and for you alone. everything ends with the program, by
Ctrl-C or "Quit" on the page; transfers can be resumed.

examples:
  onionferry open
  onionferry open --no-browser`;

export function registerOpen(program: Command, session: Session): void {
  program
    .command('open')
    .summary('use onionferry in your browser, without a terminal')
    .description('opens a page in your browser that does what the other commands do')
    .option('--no-browser', 'only print the address')
    .addHelpText('after', EXAMPLES)
    .action((_: unknown, command: Command) => run(command.optsWithGlobals(), session));
}

async function run(options: OpenOptions, session: Session): Promise<void> {
  if (options.name !== undefined) {
    throw usageError('open gives everything an address of its own; leave out --name');
  }
  const given = await commonOptions(options, session);
  const { dataDir = '' } = options;
  const { openDesktop, openBrowser } = await import('../../desktop/open-desktop.js');
  const { screen, signal } = session;
  await using desktop = await openDesktop({
    options: given,
    home: homedir(),
    dataDir: dataDir === '' ? defaultDataDir() : resolve(dataDir),
    explain: explained,
    logger: screen.logger,
  });
  const { address } = desktop;
  screen.answer({ json: { event: 'open', url: address }, lines: [address] });
  screen.remark({ text: texts.open });
  // Whether a browser comes is for the user to see.
  if (options.browser) await openBrowser(address);
  const interrupted = new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
    if (signal.aborted) resolve();
  });
  await Promise.race([desktop.quit, interrupted]);
  // A service that a signal suspends has just ended.
  if (hasCode(signal.reason, 'ERR_INTERRUPTED')) throw signal.reason;
}

/** What the terminal says of an error, as sentences of a page. */
function explained(error: OnionferryError): { sentence: string; hints: readonly string[] } {
  const onPage = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
  // Of usage they are about options.
  const hints = error.kind === 'usage' ? [] : hintsOf(error);
  return { sentence: onPage(sentence(error.message)), hints: hints.map(onPage) };
}
