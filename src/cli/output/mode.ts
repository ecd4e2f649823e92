/** How much is said, and to whom. */
export interface OutputMode {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
}

/**
 * Reads the mode before the arguments are understood, since it also holds for the error of not
 * understanding them.
 */
export function outputMode(argv: readonly string[]): OutputMode {
  const end = argv.indexOf('--');
  const options = end < 0 ? argv : argv.slice(0, end);
  return {
    json: options.includes('--json'),
    quiet: options.includes('--quiet'),
    verbose: options.includes('--verbose'),
  };
}
