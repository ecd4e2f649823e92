import type { Command } from 'commander';
import { OnionferryError } from '../../base/errors.js';
import { bytesText, rateText, secondsText } from '../../base/quantities.js';
import { parseSize } from '../arguments.js';
import { commonOptions, type GlobalOptions } from '../global-options.js';
import type { Session } from '../session.js';
import { labelled } from '../wording.js';

interface DemoOptions extends GlobalOptions {
  readonly size?: number;
}

const EXAMPLES = `
starts a private Tor network on this machine, sends a file of random bytes
through it, receives the file, and compares the two. needs no internet, except
to install tor.

examples:
  onionferry demo
  onionferry demo --size 200MB`;

export function registerDemo(program: Command, session: Session): void {
  program
    .command('demo')
    .summary('try a whole transfer on this machine')
    .description('sends a file to itself through a private Tor network on this machine')
    .option('--size <size>', 'size of the file (default: 20MiB)', (text) =>
      parseSize(text, '--size'),
    )
    .addHelpText('after', EXAMPLES)
    .action((_: unknown, command: Command) => run(command.optsWithGlobals(), session));
}

async function run(options: DemoOptions, session: Session): Promise<void> {
  const { size } = options;
  const what = size === undefined ? {} : { bytes: size };
  const { demo } = await import('../../api/verbs/demo.js');
  const handle = demo(what, ...(await commonOptions(options, session)));
  const summary = await session.follow(handle, { verb: 'demo' });
  const { onion, password, bytes, seconds, rate, identical } = summary;
  // Address and password were printed when they became known.
  session.screen.answer({
    json: { event: 'demo', onion, password, bytes, seconds, rate, identical },
    lines: [
      labelled('sent', `${bytesText(bytes)} in ${secondsText(seconds)}`),
      labelled('rate', rateText(rate)),
      labelled('result', identical ? 'identical' : 'different'),
    ],
  });
  if (!identical) {
    throw new OnionferryError('ERR_INTERNAL', 'the received file differs from the one sent');
  }
}
