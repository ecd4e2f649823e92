import type { Command } from 'commander';
import type { Check } from '../../api/verbs/doctor.js';
import type { ErrorCode } from '../../base/errors.js';
import { AdvisedError } from '../error-wording.js';
import { commonOptions, describeGroup, type GlobalOptions } from '../global-options.js';
import type { Session } from '../session.js';
import { cannotUseTor, labelled } from '../wording.js';

const EXAMPLES = `
examples:
  onionferry tor install
  onionferry tor doctor --bridges bridges.txt`;

/** The error code of a failed check. */
const CODES: Readonly<Record<Check['check'], ErrorCode>> = {
  program: 'ERR_TOR_MISSING',
  'data-directory': 'ERR_TOR_START',
  clock: 'ERR_TOR_BOOTSTRAP',
  network: 'ERR_TOR_BOOTSTRAP',
};

export function registerTor(program: Command, session: Session): void {
  const tor = program
    .command('tor')
    .summary('install tor, or find out why it does not work')
    .description('manages the tor program that onionferry starts')
    .addHelpText('after', EXAMPLES);
  tor
    .command('install')
    .description('install tor for this user, without root')
    .action((_: unknown, command: Command) => install(command.optsWithGlobals(), session));
  tor
    .command('doctor')
    .description('find out why this machine cannot reach the Tor network')
    .action((_: unknown, command: Command) => examine(command.optsWithGlobals(), session));
  describeGroup(tor);
}

async function install(globals: GlobalOptions, session: Session): Promise<void> {
  const { installTor } = await import('../../api/verbs/install-tor.js');
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
  const { doctor } = await import('../../api/verbs/doctor.js');
  const handle = doctor(...(await commonOptions(globals, session)));
  const checks = await session.follow(handle, { verb: 'tor' });
  const failed = checks.filter(({ ok }) => !ok);
  const [first] = failed;
  if (first === undefined) return;
  throw new AdvisedError(
    CODES[first.check],
    cannotUseTor(failed.map(({ check }) => check)),
    failed.flatMap(({ detail, hint }) =>
      // The detail, printed above, may give the same advice.
      hint === undefined || detail.includes('--bridge') ? [] : [hint],
    ),
  );
}
