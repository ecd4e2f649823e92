import { CommanderError } from 'commander';
import { usageError } from '../api/options.js';
import { asOnionferryError, type ErrorKind, type OnionferryError } from '../base/errors.js';

/** The exit status of the program, which tells scripts why it failed. */
export const EXIT_STATUS: Readonly<Record<ErrorKind, number>> = {
  failed: 1,
  usage: 2,
  password: 3,
  tor: 4,
  peer: 5,
  suspended: 5,
  interrupted: 130,
};

/** What to report. @returns undefined for help and version, which throw too but are no failure */
export function failureOf(error: unknown): OnionferryError | undefined {
  if (!(error instanceof CommanderError)) {
    return asOnionferryError(error, 'ERR_INTERNAL', 'something went wrong inside onionferry');
  }
  if (error.exitCode === 0) return undefined;
  return usageError(usageSentence(error), { cause: error.code });
}

/**
 * Our own sentence for what commander did not understand. It never repeats arguments, one of which
 * may be a misplaced secret; it does repeat names of options, up to their '='.
 */
function usageSentence({ code, message }: CommanderError): string {
  const [, suggestion] = /\(Did you mean (.+)\?\)/.exec(message) ?? [];
  const instead = suggestion === undefined ? '' : `; did you mean ${suggestion}?`;
  const named = /'([^'=]+)/.exec(message)?.[1] ?? '';
  switch (code) {
    case 'commander.help':
      return 'a command is missing';
    case 'commander.unknownCommand':
      return `unknown command${instead}`;
    case 'commander.unknownOption':
      return `unknown option ${named}${instead}`;
    case 'commander.missingArgument':
      return `${named.toUpperCase()} is missing`;
    case 'commander.optionMissingArgument':
      // As the help has it: -o, --output-name <path>
      return `${/^[^\s,]*/.exec(named)?.[0] ?? ''} needs a value`;
    case 'commander.excessArguments':
      return 'too many arguments';
    default:
      return 'the arguments are not understood';
  }
}
