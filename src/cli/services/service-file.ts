import { readFileSync } from 'node:fs';
import { usageError } from '../../api/options.js';
import { systemCode } from '../../base/system-error.js';
import { type Config, MODES, parseConfig, type Setting } from '../config-file.js';

/*
 * What `run` starts. Options as in the configuration file, one a line; those of one service below a
 * line such as `[inbox press]`, with its command and its name.
 */

/** Longer than any that makes sense. */
const FILE_MAX_CHARACTERS = 262_144;
const SECTION = /^\s*\[\s*([a-z]+)\s+([A-Za-z0-9][A-Za-z0-9_-]{0,30})\s*\]\s*(?:#.*)?$/;
/** Commands that can be services. */
const COMMANDS = ['share', 'inbox', 'site', 'relay'] as const;
/** Instead of an option: what commands take as arguments. */
const PATH = 'path';
/** What the tor of all is started with, or found by. */
const TOR = [
  ...['bridge', 'bridges', 'proxy', 'firewall', 'tor', 'torrc', 'control', 'socks'],
  'data-dir',
];
/** Of `run` itself. */
const RUN = ['drain', 'metrics'];
const PASSWORDS = ['password-file', 'relay-password-file', 'store-password-file'];
/** What each service says for itself: whose it is, and what opens it. */
const OWN = ['name', 'ephemeral', ...PASSWORDS];

export type ServiceCommand = (typeof COMMANDS)[number];

/** One service, as it is asked for. */
export interface ServiceSection {
  readonly command: ServiceCommand;
  readonly name: string;
  readonly settings: readonly Setting[];
}

export interface ServiceFile {
  readonly path: string;
  /** For all of them. */
  readonly common: readonly Setting[];
  readonly services: readonly ServiceSection[];
}

/** @throws OnionferryError ERR_USAGE naming path and line */
export function readServiceFile(path: string): ServiceFile {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    const reason = systemCode(cause) === 'ENOENT' ? ': no such file' : '';
    throw usageError(`cannot read services from ${path}${reason}`, { cause });
  }
  if (text.length > FILE_MAX_CHARACTERS) throw usageError(`${path} is too long`);
  return parseServiceFile(text, path);
}

/** @throws OnionferryError ERR_USAGE naming path and line */
export function parseServiceFile(text: string, path: string): ServiceFile {
  const services: (ServiceSection & { readonly settings: Setting[] })[] = [];
  const common: Setting[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const where = `${path}, line ${index + 1}`;
    if (line.trim().startsWith('[')) {
      const { command, name } = sectionIn(line, where);
      if (services.some((one) => one.name === name)) {
        throw usageError(`${where}: there is another service "${name}"`);
      }
      services.push({ command, name, settings: [] });
      continue;
    }
    const service = services.at(-1);
    for (const setting of parseConfig(line, path, index + 1)) {
      const fault = service === undefined ? faultForAll(setting) : faultInService(setting, service);
      if (fault !== undefined) throw usageError(`${where}: ${fault}`);
      (service?.settings ?? common).push(setting);
    }
  }
  if (services.length === 0) throw usageError(`${path} has no service, such as [inbox press]`);
  for (const service of services) assertPassword(service, path);
  return { path, common, services };
}

/*
 * What would be taken and never used is refused: who writes `proxy` below a service trusts that its
 * connections go through it.
 */

function faultForAll({ command, option }: Setting): string | undefined {
  if (command !== undefined)
    return 'options of a command belong below a line such as [inbox press]';
  if (MODES.includes(option)) return `--${option} belongs on the command line`;
  return meansSomethingToAll(option)
    ? undefined
    : `${option} is not for all services; options of one belong below a line such as [inbox press]`;
}

function faultInService(
  { command, option, value }: Setting,
  { name }: Pick<ServiceSection, 'name'>,
): string | undefined {
  if (command !== undefined) return 'options below a service are without the name of a command';
  if (MODES.includes(option)) return `--${option} is for all services, on the command line`;
  if (meansSomethingToAll(option)) {
    return `${option} is for all services; put it above the first of them`;
  }
  if (option === 'private' && value !== 'no') return insteadOfPrivate(name);
  return undefined;
}

/** The key would be generated at each start, and be told nowhere. */
function insteadOfPrivate(name: string): string {
  return `give it clients instead: onionferry key client add CLIENT --name ${name}`;
}

/** Options of which each adds something: what a section leaves out is left out besides. */
const ADDED: readonly string[] = ['exclude'];

/**
 * What the configuration file sets for a service, where the service itself says nothing else.
 *
 * @throws OnionferryError ERR_USAGE naming path and line
 */
export function settingsFor(
  { command, name, settings }: ServiceSection,
  config: Config,
): readonly Setting[] {
  const said = settings.map(({ option }) => option).filter((option) => !ADDED.includes(option));
  const isIts = (setting: Setting): boolean =>
    (setting.command ?? command) === command &&
    ![...said, ...OWN, ...MODES].includes(setting.option) &&
    !meansSomethingToAll(setting.option);
  const its = config.settings.filter(isIts);
  // The last of them counts.
  const isPrivate = its.findLast(({ option }) => option === 'private');
  if (isPrivate !== undefined && isPrivate.value !== 'no') {
    const where = `${config.path}, line ${isPrivate.line}`;
    throw usageError(`${where}: "${name}" cannot be private so; ${insteadOfPrivate(name)}`);
  }
  return its;
}

/** Whether `run` itself uses an option, for all services. */
export function meansSomethingToAll(option: string): boolean {
  return TOR.includes(option) || RUN.includes(option);
}

function sectionIn(line: string, where: string): Pick<ServiceSection, 'command' | 'name'> {
  const [, word, name = ''] = SECTION.exec(line) ?? [];
  const command = COMMANDS.find((one) => one === word);
  if (command === undefined) {
    throw usageError(`${where}: a service is [COMMAND NAME], with one of ${COMMANDS.join(', ')}`);
  }
  return { command, name };
}

/** Nobody is there to be told one that was generated, and it would be another after each start. */
function assertPassword({ name, settings }: ServiceSection, path: string): void {
  const given = settings.filter(({ option }) => PASSWORDS.includes(option));
  if (given.length === 0) throw usageError(`${path}: the service "${name}" needs a password-file`);
  if (given.some(({ value }) => value === '-')) {
    throw usageError(`${path}: the password of "${name}" cannot come from standard input`);
  }
}

/** What a section says. Its identity has its name, unless it names another. */
export function ownSettings({ name, settings }: ServiceSection): Setting[] {
  const isNamed = settings.some(
    ({ option, value }) => option === 'name' || (option === 'ephemeral' && value === 'yes'),
  );
  const own = settings.filter(({ option }) => option !== PATH);
  return isNamed ? own : [{ option: 'name', value: name, line: 0 }, ...own];
}

/** What its command takes as arguments. */
export function pathsOf({ settings }: ServiceSection): string[] {
  return settings.filter(({ option }) => option === PATH).map(({ value }) => value);
}
