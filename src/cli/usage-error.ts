import type { CommanderError } from 'commander';
import { OnionferryError } from '../base/errors.js';

/**
 * Our sentence for what commander did not understand. Arguments are not repeated, for one of them
 * may be a secret in the wrong place; names of options are, up to their '='.
 */
export function usageError(error: CommanderError): OnionferryError {
  return new OnionferryError('ERR_USAGE', usageSentence(error), { cause: error.code });
}

function usageSentence({ code, message }: CommanderError): string {
  const [, suggestion] = /\(Did you mean (.+)\?\)/.exec(message) ?? [];
  const instead = suggestion === undefined ? '' : `; did you mean ${suggestion}?`;
  const named = /'([^'=]+)/.exec(message)?.[1] ?? '';
  switch (code) {
    case 'commander.help':
      return 'a command is missing';
    case 'commander.unknownCommand':
      return `there is no such command${instead}`;
    case 'commander.unknownOption':
      return `there is no option ${named}${instead}`;
    case 'commander.missingArgument':
      return `${named.toUpperCase()} is missing`;
    case 'commander.optionMissingArgument':
      return `${named.split(' ')[0] ?? ''} needs a value`;
    case 'commander.excessArguments':
      return 'there are more arguments than this command takes';
    default:
      return 'this cannot be understood';
  }
}
