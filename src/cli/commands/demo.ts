import type { Command } from 'commander';
import { demo } from '../../api/verbs/demo.js';
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
a private Tor network starts on this machine's loopback, one side sends a file of random bytes, the
other receives it, and the two are compared. no internet is needed, except to fetch tor once.

examples:
  onionferry demo
  onionferry demo --size 200MB`;

export function registerDemo(program: Command, session: Session): void {
  program
    .command('demo')
    .summary('see the whole trip on this machine')
    .description('sends a file to itself through a private Tor network on this machine')
    .option('--size <size>', 'how much is carried (default: 20MiB)', (text) =>
      parseSize(text, '--size'),
    )
    .addHelpText('after', EXAMPLES)
    .action(async (_: unknown, command: Command) => {
      await run(command.optsWithGlobals<DemoOptions>(), session);
    });
}

async function run(options: DemoOptions, session: Session): Promise<void> {
  const { size } = options;
  const what = size === undefined ? {} : { bytes: size };
  const handle = demo(what, ...(await commonOptions(options, session)));
  const summary = await session.follow(handle, { verb: 'demo' });
  const { onion, password, bytes, seconds, rate, identical } = summary;
  // Address and password were printed when they were known.
  session.screen.answer({
    json: { event: 'demo', onion, password, bytes, seconds, rate, identical },
    lines: [
      labelled('carried', `${bytesText(bytes)} in ${secondsText(seconds)}`),
      labelled('rate', rateText(rate)),
      labelled('result', identical ? 'identical' : 'different'),
    ],
  });
  if (!identical) {
    throw new OnionferryError('ERR_INTERNAL', 'what was received is not what was sent');
  }
}
