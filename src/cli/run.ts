import { isatty } from 'node:tty';
import type { Command } from 'commander';
import { usageError } from '../api/options.js';
import { asOnionferryError, OnionferryError } from '../base/errors.js';
import { systemCode } from '../base/system-error.js';
import { FIRST_STEPS } from './commands/help.js';
import { applyConfig, type Config, configPath, flagsOf, loadConfig } from './config-file.js';
import { EXIT_STATUS, failureOf } from './failure.js';
import { type ReadAhead, readAhead } from './global-options.js';
import { isHangUpIgnored, outliveTerminal } from './hang-up.js';
import { Interruption } from './interruption.js';
import { outputMode, Screen } from './output/screen.js';
import { Terminal } from './output/terminal.js';
import { createProgram } from './program.js';
import type { EnvironmentSecrets } from './secrets/environment.js';
import { refuseSecretArguments } from './secrets/secret-arguments.js';
import { StandardInput } from './secrets/standard-input.js';
import { Session } from './session.js';
import { texts } from './wording.js';

/** What helps to mend a configuration that is wrong. */
const WITHOUT_CONFIG: readonly string[] = ['config', 'help', 'version', 'completion'];

/**
 * Does what the command line asks for.
 *
 * @returns the exit status, when nothing of the work is left
 */
export async function run(argv: readonly string[], secrets: EnvironmentSecrets): Promise<number> {
  const terminal = new Terminal(process.stdout, process.stderr, process.env);
  const ahead = readAhead(argv);
  const config = readSettings(ahead, secrets);
  const screen = new Screen(terminal, outputMode([...config.flags, ...argv]));
  const interruption = new Interruption((ending) => {
    const stopping = terminal.withKeys(texts.stopping, texts.keyToStopAtOnce);
    screen.remark({ text: ending === 'giving-up' ? stopping : texts.suspending });
  }, isHangUpIgnored(process.env));
  const input = new StandardInput(isatty(0), () => process.stdin, interruption.suspend);
  const outcome: Outcome = {};
  const onLostOutput = (): void => {
    outcome.status ??= EXIT_STATUS.failed;
    // That is nobody's wish to give up.
    interruption.begin('suspending', EXIT_STATUS.failed);
  };
  const onDefect = (error: unknown): void => {
    // node:readline throws it where nobody can catch it.
    if (systemCode(error) === 'EIO' && input.isTerminal && !isatty(0)) {
      interruption.suspend();
      return;
    }
    const failure = failureOf(error);
    if (outcome.status === undefined && failure !== undefined) screen.fail(failure);
    onLostOutput();
  };
  process.stdout.on('error', (cause: NodeJS.ErrnoException) => {
    if (process.stdout.isTTY && !isatty(1)) {
      interruption.hangUp();
      return;
    }
    // EPIPE: the reader has gone on purpose. Anything else is news to the user.
    if (cause.code !== 'EPIPE' && outcome.status === undefined) {
      screen.fail(new OnionferryError('ERR_DESTINATION', texts.outputLost, { cause }));
    }
    onLostOutput();
  });
  // The terminal was closed, or the connection that carried it: nobody is left to tell.
  process.stderr.on('error', interruption.hangUp);
  process.on('uncaughtException', onDefect);
  interruption.listen();
  outliveTerminal();
  try {
    refuseSecretArguments(argv);
    if (argv.length === 0) {
      process.stdout.write(FIRST_STEPS);
      await delivered(process.stdout);
      return outcome.status ?? 0;
    }
    const program = createProgram(new Session({ screen, input, secrets, interruption, config }));
    const [name = '', ...others] = ahead?.words ?? [];
    if (isNameOf(program, name) && !WITHOUT_CONFIG.includes(name)) {
      applyIfWell(program, config);
      // What it runs may name another.
      if (config.failure !== undefined && name !== 'run') throw config.failure;
    }
    if (!isNameOf(program, name) && others.some((other) => isNameOf(program, other))) {
      throw usageError('the command comes first, as in onionferry send PATH');
    }
    await program.parseAsync(argv, { from: 'user' });
    await delivered(process.stdout);
    return outcome.status ?? 0;
  } catch (error) {
    await delivered(process.stdout);
    if (outcome.status !== undefined) return outcome.status;
    const failure = failureOf(error);
    if (failure === undefined) return 0;
    screen.fail(failure);
    return EXIT_STATUS[failure.kind];
  } finally {
    terminal.pause();
    input.close();
    interruption.close();
  }
}

interface ReadSettings extends Config {
  readonly flags: readonly string[];
}

function readSettings(ahead: ReadAhead | undefined, secrets: EnvironmentSecrets): ReadSettings {
  let path = '';
  // What is refused needs none.
  if (ahead === undefined) return { path, settings: [], flags: [] };
  try {
    path = configPath(ahead.dataDir ?? process.env['ONIONFERRY_HOME']);
    const config = loadConfig(path, secrets);
    return { ...config, flags: flagsOf(config.settings) };
  } catch (error) {
    const failure = asOnionferryError(error, 'ERR_INTERNAL', 'the configuration cannot be read');
    return { path, settings: [], flags: [], failure };
  }
}

function isNameOf(program: Command, name: string): boolean {
  return program.commands.some((command) => command.name() === name);
}

function applyIfWell(program: Command, config: ReadSettings): void {
  if (config.failure !== undefined) return;
  try {
    applyConfig(program, config.settings, config.path);
  } catch (error) {
    if (!(error instanceof OnionferryError)) throw error;
    config.failure = error;
  }
}

/** Waits until everything written was taken by the reader, or is known to be lost. */
async function delivered(stream: NodeJS.WritableStream): Promise<void> {
  await new Promise<void>((resolve) => stream.write('', () => resolve()));
  // A failure is told to whoever listens only after that.
  await new Promise((resolve) => setImmediate(resolve));
}

interface Outcome {
  /**
   * Set when there is nothing more to say: nobody reads our output, or a defect was reported and
   * what follows are its consequences.
   */
  status?: number;
}
