import type { Command } from 'commander';
import { Interruption } from '../interruption.js';
import { outputMode, Screen } from '../output/screen.js';
import { Terminal } from '../output/terminal.js';
import { createProgram } from '../program.js';
import { StandardInput } from '../secrets/standard-input.js';
import { Session } from '../session.js';

/** The command line as it is defined, of which no command is run. */
export function programForReading(): Command {
  const interruption = new Interruption(() => undefined, false);
  const session = new Session({
    screen: new Screen(new Terminal(process.stdout, process.stderr, {}), outputMode([])),
    input: new StandardInput(false, () => process.stdin, interruption.suspend),
    secrets: {},
    interruption,
  });
  return createProgram(session);
}
