import type { Command } from 'commander';
import { usageError } from '../api/options.js';

/** What options and arguments that hold paths are called in the help. */
const PATHS = ['path', 'dir', 'file', 'program'];

/**
 * Refuses paths that are empty, as a script gives them whose variable is not set: the system would
 * take them for the current folder. Empty variables of the environment count as none.
 *
 * @throws OnionferryError ERR_USAGE naming the option or argument
 */
export function refuseEmptyPaths(action: Command): void {
  action.registeredArguments.forEach((argument, index) => {
    if (PATHS.includes(argument.name()) && isEmpty(action.processedArgs[index])) {
      throw empty(argument.name().toUpperCase());
    }
  });
  for (let command: Command | null = action; command !== null; command = command.parent) {
    for (const option of command.options) {
      const [, holds = ''] = /<([a-z]+)>$/.exec(option.flags) ?? [];
      const name = option.attributeName();
      if (!PATHS.includes(holds) || command.getOptionValueSource(name) !== 'cli') continue;
      if (isEmpty(command.getOptionValue(name))) throw empty(option.long ?? option.flags);
    }
  }
}

/** Also of an option or argument that may be given several times. */
function isEmpty(value: unknown): boolean {
  return value === '' || (Array.isArray(value) && value.includes(''));
}

function empty(what: string): Error {
  return usageError(`${what} must not be empty`);
}
