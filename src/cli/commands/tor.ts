import type { Command } from 'commander';
import { type Check, doctor } from '../../api/verbs/doctor.js';
import { installTor } from '../../api/verbs/install-tor.js';
import type { ErrorCode } from '../../base/errors.js';
import { AdvisedError } from '../advised-error.js';
import { describeGroup } from '../describe-group.js';
import { commonOptions, type GlobalOptions } from '../global-options.js';
import type { Session } from '../session.js';
import { cannotUseTor, labelled } from '../wording.js';

const EXAMPLES = `
examples:
  onionferry tor install
  onionferry tor doctor --torrc bridges.txt`;

/** What a failed check is to programs. */
const CODES: Readonly<Record<Check['check'], ErrorCode>> = {
  program: 'ERR_TOR_MISSING',
  'data-directory': 'ERR_TOR_START',
  clock: 'ERR_TOR_BOOTSTRAP',
  network: 'ERR_TOR_BOOTSTRAP',
};

export function registerTor(program: Command, session: Session): void {
  const tor = program
    .command('tor')
    .summary('bring tor to this machine; find out what is wrong with it')
    .description('takes care of the tor program that onionferry starts')
    .addHelpText('after', EXAMPLES);
  tor
    .command('install')
    .description('fetch a tor for this machine, without root')
    .action(async (_: unknown, command: Command) => {
      await install(command.optsWithGlobals<GlobalOptions>(), session);
    });
  tor
    .command('doctor')
    .description('find out what keeps this machine from reaching the Tor network')
    .action(async (_: unknown, command: Command) => {
      await examine(command.optsWithGlobals<GlobalOptions>(), session);
    });
  describeGroup(tor);
}

async function install(globals: GlobalOptions, session: Session): Promise<void> {
  const handle = installTor(...(await commonOptions(globals, session)));
  const { path, version } = await session.follow(handle, { verb: 'tor' });
  session.screen.answer({
    json: { event: 'installed', path, version },
    lines: session.screen.mode.quiet
      ? [path]
      : [labelled('tor', version), labelled('program', path)],
  });
}

async function examine(globals: GlobalOptions, session: Session): Promise<void> {
  const handle = doctor(...(await commonOptions(globals, session)));
  const checks = await session.follow(handle, { verb: 'tor' });
  const failed = checks.filter(({ ok }) => !ok);
  const [first] = failed;
  if (first === undefined) return;
  throw new AdvisedError(
    CODES[first.check],
    cannotUseTor(failed.map(({ check }) => check)),
    failed.flatMap(({ detail, hint }) =>
      // What tor's start says may hold the same advice, and stands above.
      hint === undefined || detail.includes('--torrc') ? [] : [hint],
    ),
  );
}
