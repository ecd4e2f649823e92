import { isatty } from 'node:tty';
import { CommanderError } from 'commander';
import { asOnionferryError, OnionferryError } from '../base/errors.js';
import { EXIT_STATUS } from './exit-status.js';
import { Interruption } from './interruption.js';
import { outputMode } from './output/mode.js';
import { Screen } from './output/screen.js';
import { Terminal } from './output/terminal.js';
import { createProgram } from './program.js';
import { refuseSecretArguments } from './secrets/arguments.js';
import type { EnvironmentSecrets } from './secrets/environment.js';
import { StandardInput } from './secrets/standard-input.js';
import { Session } from './session.js';
import { usageError } from './usage-error.js';
import { texts } from './wording.js';

/**
 * Does what the command line asks for.
 *
 * @returns the exit status, when nothing of the work is left
 */
export async function run(argv: readonly string[], secrets: EnvironmentSecrets): Promise<number> {
  const terminal = new Terminal(process.stdout, process.stderr, process.env);
  const screen = new Screen(terminal, outputMode(argv));
  const input = new StandardInput(isatty(0), () => process.stdin);
  const interruption = new Interruption(() => screen.remark({ text: texts.stopping }));
  const outcome: Outcome = {};
  const onLostOutput = (): void => {
    outcome.status ??= EXIT_STATUS.failed;
    interruption.begin(EXIT_STATUS.failed);
  };
  const onDefect = (error: unknown): void => {
    if (outcome.status === undefined) screen.fail(asError(error));
    onLostOutput();
  };
  process.stdout.on('error', (cause: NodeJS.ErrnoException) => {
    // Whoever read has gone, and knows; anything else nobody has been told yet.
    if (cause.code !== 'EPIPE' && outcome.status === undefined) {
      const message = 'standard output cannot be written: there may be no room left';
      screen.fail(new OnionferryError('ERR_DESTINATION', message, { cause }));
    }
    onLostOutput();
  });
  // A terminal that was closed: its SIGHUP comes as well.
  process.stderr.on('error', () => undefined);
  process.on('uncaughtException', onDefect);
  interruption.listen();
  try {
    refuseSecretArguments(argv);
    const program = createProgram(new Session({ screen, input, secrets, interruption }));
    await program.parseAsync(argv, { from: 'user' });
    return outcome.status ?? 0;
  } catch (error) {
    await delivered(process.stdout);
    if (outcome.status !== undefined) return outcome.status;
    if (isHelp(error)) return 0;
    const failure = asError(error);
    screen.fail(failure);
    return EXIT_STATUS[failure.kind];
  } finally {
    terminal.pause();
    input.close();
    interruption.close();
  }
}

/** Waits until all that was written has been taken, or is known to have got lost. */
async function delivered(stream: NodeJS.WritableStream): Promise<void> {
  await new Promise<void>((resolve) => stream.write('', () => resolve()));
}

interface Outcome {
  /**
   * Set when there is nothing more to say: nobody reads our output any more, or a defect was told
   * and what follows are its consequences.
   */
  status?: number;
}

function asError(error: unknown): OnionferryError {
  if (error instanceof CommanderError) return usageError(error);
  return asOnionferryError(error, 'ERR_INTERNAL', 'something went wrong inside onionferry');
}

/** Help and version that were asked for. */
function isHelp(error: unknown): boolean {
  return error instanceof CommanderError && error.exitCode === 0;
}
