import { readFile } from 'node:fs/promises';
import { Command, Option, type OutputConfiguration } from 'commander';
import {
  bridgesIn,
  CIRCUITS_MAX,
  CURVE_NAMES,
  usageError,
  withCircuits,
  withCurve,
  withDataDir,
  withEphemeral,
  withExpiry,
  withIdentity,
  withLogger,
  withPassword,
  withPrivate,
  withSignal,
  withStallLimit,
  withThrottle,
  withTor,
  withWeakPassword,
} from '../api/options.js';
import { withDrain } from '../api/page-options.js';
import type { AnyOption, Option as ApiOption, TorSettings } from '../api/settings.js';
import { whereItApplies } from '../api/verb-options.js';
import { collect, parseChoice, parseCount, parseDuration, parseRate } from './arguments.js';
import type { Session } from './session.js';

const PORT_MAX = 65_535;
/** Of some hundred bridges. */
const BRIDGES_FILE_MAX_BYTES = 1_000_000;

/** Errors are thrown, and reported in one place. */
export const SILENT: OutputConfiguration = {
  writeErr: () => undefined,
  outputError: () => undefined,
};

/**
 * The options that every command takes, before and after its name. Those that mean one option of the
 * API, such as `--circuits`, are parsed into it: `commonOptions` finds them.
 */
export interface GlobalOptions {
  readonly dataDir?: string;
  readonly name?: string;
  readonly ephemeral?: boolean;
  readonly torrc?: string;
  readonly tor?: string;
  readonly bridge?: readonly string[];
  readonly bridges?: string;
  readonly proxy?: string;
  readonly firewall?: readonly number[];
  readonly control?: string;
  readonly socks?: string;
  readonly passwordFile?: string;
  readonly weakPassword?: boolean;
  /** Of the commands that have an address of their own. */
  readonly private?: boolean;
  readonly qr: boolean;
}

export function addGlobalOptions(program: Command): void {
  program
    .addOption(
      new Option('--data-dir <dir>', 'where to keep identities and the state of Tor').env(
        'ONIONFERRY_HOME',
      ),
    )
    .option('--name <identity>', 'the onion identity to use (default: "default")')
    .option('--ephemeral', 'use a new onion address, this time only')
    .addOption(
      new Option('--torrc <file>', 'lines for the torrc of the tor that is started').env(
        'ONIONFERRY_TORRC',
      ),
    )
    .option('--tor <program>', 'the tor program to start')
    .option(
      '--bridge <line>',
      'enter Tor by this bridge, or by those that the Tor Expert Bundle has of a kind, such as snowflake; may be repeated',
      collect,
    )
    .addOption(
      new Option('--bridges <file>', 'enter Tor by the bridges in this file').env(
        'ONIONFERRY_BRIDGES',
      ),
    )
    .option(
      '--proxy <url>',
      'reach Tor through a proxy, http://host:port or socks5://host:port; one with a password by ONIONFERRY_PROXY',
    )
    .option('--firewall <ports>', 'use only these ports to reach Tor, such as 80,443', (text) =>
      text.split(',').map((port) => parseCount(port.trim(), '--firewall', PORT_MAX)),
    )
    .option(
      '--control <addr>',
      'control port of a running tor to use, with --socks; or auto, for the first that is found',
    )
    .option('--socks <addr>', 'SOCKS port of that tor')
    .option('--circuits <n>', 'parallel streams (default: as many as help)', (text) =>
      withCircuits(parseCount(text, '--circuits', CIRCUITS_MAX)),
    )
    .addOption(
      new Option('--curve <name>', 'curve for the key agreement')
        .choices(CURVE_NAMES)
        .argParser((text) => withCurve(parseChoice(text, '--curve', CURVE_NAMES))),
    )
    .option('--password-file <file>', 'file with the password, or - for standard input')
    .option('--weak-password', 'take a chosen password that is easy to guess')
    .option('--json', 'print one JSON object per line on standard output, and nothing else')
    .option('-q, --quiet', 'print only results and errors')
    .option('-v, --verbose', 'print what happens inside, and where errors come from')
    .option('--no-qr', 'print no QR code');
}

/** What a command line says before the configuration is known, on which the rest depends. */
export interface ReadAhead {
  /** Words that are neither options nor values of them; the first is the command */
  readonly words: readonly string[];
  readonly dataDir: string | undefined;
}

/** @returns undefined if it is refused as soon as all of it is parsed */
export function readAhead(argv: readonly string[]): ReadAhead | undefined {
  const program = new Command();
  addGlobalOptions(program);
  try {
    const { operands } = program
      .exitOverride()
      .configureOutput(SILENT)
      .parseOptions([...argv]);
    return { words: operands, dataDir: program.opts<GlobalOptions>().dataDir };
  } catch {
    return undefined;
  }
}

/**
 * Finishes a command that only holds others: they list the global options. To be called after they
 * are registered, because they take over its help.
 */
export function describeGroup(group: Command): void {
  group
    .helpCommand(false)
    .configureHelp({ showGlobalOptions: false })
    .addHelpText('after', '\nglobal options: onionferry --help');
}

/** `--expires`, of commands that wait or serve. */
export function expiryOption(description: string): Option {
  return new Option('--expires <time>', description).argParser((text) =>
    withExpiry(parseDuration(text, '--expires')),
  );
}

/** `--private`, of commands that have an address of their own. */
export function privateOption(): Option {
  return new Option('--private', 'let near only those who have a key besides the password');
}

/** `--client-key`, of either side at an address of somebody else. */
export function clientKeyOption(whose: string): Option {
  return new Option('--client-key <file>', `file with the key for ${whose}, if it is private`);
}

/** `--stall-limit`, of either side of a transfer. */
export function stallOption(description: string): Option {
  return new Option('--stall-limit <time>', description).argParser((text) =>
    withStallLimit(parseDuration(text, '--stall-limit')),
  );
}

/** `--throttle`, of either side of a transfer. */
export function throttleOption(description: string): Option {
  return new Option('--throttle <rate>', description).argParser((text) =>
    withThrottle(parseRate(text, '--throttle')),
  );
}

/**
 * What the options of a command mean to its verb. Those that every command takes mean nothing to some.
 *
 * @throws OnionferryError ERR_USAGE
 */
export async function commonOptions(
  globals: GlobalOptions,
  session: Session,
): Promise<ApiOption[]> {
  const { dataDir, name, ephemeral = false } = globals;
  if (ephemeral && name !== undefined) {
    throw usageError('use either --ephemeral or --name, not both');
  }
  const options: AnyOption[] = [
    withSignal(session.signal),
    withLogger(session.screen.logger),
    withTor(
      session.shared === undefined
        ? await torSettings(globals, session)
        : { shared: session.shared.tor },
    ),
    ...Object.values(globals).filter(isApiOption),
  ];
  if (session.shared !== undefined) {
    const { signal, maxMs } = session.shared.drain;
    options.push(withDrain(signal, maxMs));
  }
  // An empty ONIONFERRY_HOME counts as none.
  if (dataDir !== undefined && dataDir !== '') options.push(withDataDir(dataDir));
  if (name !== undefined) options.push(withIdentity(name));
  if (ephemeral) options.push(withEphemeral());
  if (globals.weakPassword === true) options.push(withWeakPassword());
  if (globals.private === true) options.push(withPrivate());
  return options.map(whereItApplies);
}

/** Texts, numbers and switches are for the command itself. */
function isApiOption(value: unknown): value is AnyOption {
  return typeof value === 'function';
}

/** As above, with the password. @throws OnionferryError ERR_USAGE */
export async function optionsWithPassword(
  globals: GlobalOptions,
  session: Session,
): Promise<ApiOption[]> {
  const options = await commonOptions(globals, session);
  const password = await session.password(globals);
  if (password === undefined) return options;
  return [...options, whereItApplies(withPassword(password))];
}

async function torSettings(globals: GlobalOptions, session: Session): Promise<TorSettings> {
  const { tor, torrc, control, socks, bridge = [], bridges, firewall } = globals;
  if (control !== 'auto' && (control === undefined) !== (socks === undefined)) {
    throw usageError('a running tor needs both --control and --socks');
  }
  if (control !== undefined) {
    if (tor !== undefined) {
      throw usageError('--tor starts a tor, --control uses a running one; give only one of them');
    }
    if (bridge.length > 0 || globals.proxy !== undefined || firewall !== undefined) {
      throw usageError(
        'bridges, a proxy and a firewall belong in the configuration of the running tor',
      );
    }
    return { running: { control, socks, password: session.secrets.controlPassword } };
  }
  const fromFile = bridges === undefined || bridges === '' ? [] : await readBridges(bridges);
  const proxy = globals.proxy ?? session.secrets.proxy;
  return {
    ...(tor !== undefined && { program: tor }),
    ...(torrc !== undefined && torrc !== '' && { torrc: await readTorrc(torrc) }),
    bridges: [...bridge, ...fromFile],
    ...(proxy !== undefined && { proxy }),
    ...(firewall !== undefined && { firewall }),
  };
}

async function readTorrc(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw usageError(`cannot read torrc lines from ${path}`, { cause });
  }
}

async function readBridges(path: string): Promise<readonly string[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw usageError(`cannot read bridges from ${path}`, { cause });
  }
  if (text.length > BRIDGES_FILE_MAX_BYTES) throw usageError(`${path} is too large for bridges`);
  return bridgesIn(text);
}
