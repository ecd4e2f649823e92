import { readFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import {
  CIRCUITS_MAX,
  withCircuits,
  withCurve,
  withDataDir,
  withEphemeral,
  withIdentity,
  withLogger,
  withSignal,
  withTor,
} from '../api/options.js';
import type { Option as ApiOption, TorSettings } from '../api/settings.js';
import { CURVE_NAMES, type CurveName } from '../api/vocabulary.js';
import { OnionferryError } from '../base/errors.js';
import { parseChoice, parseCount } from './arguments.js';
import type { Session } from './session.js';

/** The options that every command takes, before and after its name. */
export interface GlobalOptions {
  readonly dataDir?: string;
  readonly name?: string;
  readonly ephemeral?: boolean;
  readonly torrc?: string;
  readonly tor?: string;
  readonly control?: string;
  readonly socks?: string;
  readonly circuits?: number;
  readonly curve?: CurveName;
  readonly passwordFile?: string;
  readonly qr: boolean;
}

export function addGlobalOptions(program: Command): void {
  program
    .addOption(
      new Option('--data-dir <dir>', 'where identities and the state of Tor are kept').env(
        'ONIONFERRY_HOME',
      ),
    )
    .option('--name <identity>', 'the onion identity to use (default: "default")')
    .option('--ephemeral', 'use an address for this time only')
    .addOption(
      new Option(
        '--torrc <file>',
        'lines for the torrc of the tor that is started, such as bridges',
      ).env('ONIONFERRY_TORRC'),
    )
    .option('--tor <program>', 'the tor program to start')
    .option('--control <addr>', 'control port of a running tor to use, with --socks')
    .option('--socks <addr>', 'SOCKS port of that tor')
    .option('--circuits <n>', 'streams in parallel (default: as many as help)', (text) =>
      parseCount(text, '--circuits', CIRCUITS_MAX),
    )
    .option('--curve <name>', `curve of the key agreement: ${CURVE_NAMES.join(', ')}`, (text) =>
      parseChoice(text, '--curve', CURVE_NAMES),
    )
    .option('--password-file <file>', 'read the password from a file, or - for standard input')
    .option('--json', 'write one JSON object a line to standard output, and nothing else')
    .option('--quiet', 'say only what is needed, and errors')
    .option('--verbose', 'say what happens inside, and where errors come from')
    .option('--no-qr', 'show no QR code');
}

/** What the global options mean to every verb. @throws OnionferryError ERR_USAGE */
export async function commonOptions(
  globals: GlobalOptions,
  session: Session,
): Promise<ApiOption[]> {
  const { name, ephemeral = false, circuits, curve } = globals;
  if (ephemeral && name !== undefined) {
    throw usage('--ephemeral and --name exclude each other');
  }
  const options = [
    withSignal(session.signal),
    withLogger(session.screen.logger),
    withTor(await torSettings(globals)),
  ];
  const dataDir = dataDirOf(globals);
  if (dataDir !== undefined) options.push(withDataDir(dataDir));
  if (name !== undefined) options.push(withIdentity(name));
  if (ephemeral) options.push(withEphemeral());
  if (circuits !== undefined) options.push(withCircuits(circuits));
  if (curve !== undefined) options.push(withCurve(curve));
  return options;
}

/** An empty ONIONFERRY_HOME counts as none. */
export function dataDirOf({ dataDir }: GlobalOptions): string | undefined {
  return dataDir === '' ? undefined : dataDir;
}

/** @throws OnionferryError ERR_USAGE */
export async function torSettings(globals: GlobalOptions): Promise<TorSettings> {
  const { tor, torrc, control, socks } = globals;
  if ((control === undefined) !== (socks === undefined)) {
    throw usage('a running tor needs both --control and --socks');
  }
  if (control !== undefined && socks !== undefined) {
    if (tor !== undefined) {
      throw usage('--tor starts a tor, --control uses a running one; give one of them');
    }
    return { running: { control, socks } };
  }
  return {
    ...(tor !== undefined && { program: tor }),
    ...(torrc !== undefined && torrc !== '' && { torrc: await readTorrc(torrc) }),
  };
}

async function readTorrc(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new OnionferryError('ERR_USAGE', `the torrc lines cannot be read from ${path}`, {
      cause,
    });
  }
}

function usage(message: string): OnionferryError {
  return new OnionferryError('ERR_USAGE', message);
}
