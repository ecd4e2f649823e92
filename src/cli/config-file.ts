import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command, Option } from 'commander';
import { defaultDataDir, usageError } from '../api/options.js';
import { OnionferryError } from '../base/errors.js';
import { systemCode } from '../base/system-error.js';
import type { EnvironmentSecrets } from './secrets/environment.js';

/*
 * Options that are always given: one a line, as `throttle 2MB/s` or `send.keep yes`, with comments
 * behind '#'. The command line and the environment go before it.
 */

/** Longer than any that makes sense. */
const FILE_MAX_BYTES = 65_536;

export interface Setting {
  /** Missing: of all commands. */
  readonly command?: string;
  /** Without its hyphens. */
  readonly option: string;
  readonly value: string;
  /** Counted from 1. */
  readonly line: number;
}

/** The options of a configuration file. */
export interface Config {
  readonly path: string;
  readonly settings: readonly Setting[];
  /** Why not all of it could be read or used; of that of the call, which may turn to another one. */
  failure?: OnionferryError;
}

/** What is given in the environment, because it may be secret, instead of by these options. */
const SECRETS: Readonly<Record<string, keyof EnvironmentSecrets>> = {
  proxy: 'proxy',
  'password-file': 'password',
  'relay-password-file': 'relayPassword',
};

/** Whether the environment says something else, and goes before it. */
export function isInEnvironment({ option }: Setting, secrets: EnvironmentSecrets): boolean {
  const secret = SECRETS[option];
  return secret !== undefined && secrets[secret] !== undefined;
}

/** Beside the identities, wherever those are. @param dataDir an empty one counts as none */
export function configPath(dataDir: string | undefined): string {
  return join(dataDir === undefined || dataDir === '' ? defaultDataDir() : dataDir, 'config');
}

/** What it says, but for what the environment goes before. @throws OnionferryError ERR_USAGE */
export function loadConfig(path: string, secrets: EnvironmentSecrets): Config {
  const settings = parseConfig(readConfig(path), path);
  return { path, settings: settings.filter((setting) => !isInEnvironment(setting, secrets)) };
}

/** @returns an empty text if there is no file @throws OnionferryError ERR_USAGE */
export function readConfig(path: string): string {
  try {
    const text = readFileSync(path, 'utf8');
    if (text.length <= FILE_MAX_BYTES) return text;
  } catch (cause) {
    if (['ENOENT', 'ENOTDIR'].includes(systemCode(cause) ?? '')) return '';
    throw usageError(`cannot read the configuration ${path}`, { cause });
  }
  throw usageError(`the configuration ${path} is too long`);
}

/** @param firstLine the number of its first line @throws OnionferryError ERR_USAGE naming path and line */
export function parseConfig(text: string, path: string, firstLine = 1): Setting[] {
  return text.split(/\r?\n/).flatMap((whole, index) => {
    const content = whole.replace(/(^|\s)#.*$/, '').trim();
    if (content === '') return [];
    const line = index + firstLine;
    const [, command, option, value] =
      /^(?:([a-z]+)\.)?-{0,2}([a-z][a-z-]*)(?:\s+(?:=\s*)?(.*))?$/.exec(content) ?? [];
    if (option === undefined)
      throw usageError(`${path}, line ${line}: not an option and its value`);
    return [{ ...(command !== undefined && { command }), option, value: value ?? 'yes', line }];
  });
}

/** Gives every command what is set for it. @throws OnionferryError ERR_USAGE naming path and line */
export function applyConfig(program: Command, settings: readonly Setting[], path: string): void {
  for (const setting of settings) {
    try {
      applySetting(program, setting);
    } catch (cause) {
      if (!(cause instanceof OnionferryError)) throw cause;
      throw usageError(`${path}, line ${setting.line}: ${cause.message}`, { cause });
    }
  }
}

/** The same of one that stands in no file. @throws OnionferryError ERR_USAGE */
export function applySetting(program: Command, setting: Setting): void {
  const owner = ownerOf(program, setting);
  const option = owner?.options.find((one) => named(one, setting.option));
  if (owner === undefined || option === undefined) {
    throw usageError(`there is no option ${nameOf(setting)}`);
  }
  const key = option.attributeName();
  const before: unknown =
    owner.getOptionValueSource(key) === 'config' ? owner.getOptionValue(key) : undefined;
  owner.setOptionValueWithSource(key, valueOf(option, setting, before), 'config');
}

/** Whether an option, by its name in the file, is more than a switch. */
export function takesValue(program: Command, name: string): boolean {
  const [setting] = parseConfig(name, '');
  if (setting === undefined) return false;
  const owner = ownerOf(program, setting);
  return owner?.options.some((one) => named(one, setting.option) && one.required) === true;
}

/** Takes back what `applyConfig` has set, but for what the command line has added to. */
export function forgetConfig(program: Command): void {
  for (const owner of [program, ...program.commands]) {
    for (const option of owner.options) {
      const key = option.attributeName();
      if (owner.getOptionValueSource(key) !== 'config') continue;
      // As commander does with one that says no.
      const before: unknown = option.defaultValue ?? (option.negate ? true : undefined);
      owner.setOptionValueWithSource(key, before, 'default');
    }
  }
}

/** Settings that are written without the name of their command: its own, and those of all. */
export function settingsOf(command: Command, settings: readonly Setting[]): Setting[] {
  return settings.map((setting) => {
    const isOwn = command.options.some((option) => named(option, setting.option));
    return isOwn ? { ...setting, command: command.name() } : setting;
  });
}

/** Of --json, --quiet and --verbose, which hold before anything is parsed. */
export function flagsOf(settings: readonly Setting[]): string[] {
  return settings
    .filter(({ command, option }) => command === undefined && MODES.includes(option))
    .filter(({ value }) => value === 'yes')
    .map(({ option }) => `--${option}`);
}

/** Options that say what is printed. */
export const MODES: readonly string[] = ['json', 'quiet', 'verbose'];

/** The text with this setting, or without it; comments and the order stay. */
export function editedConfig(text: string, name: string, value: string | undefined): string {
  const lines = text === '' ? [] : text.replace(/\n$/, '').split('\n');
  const isIts = (line: string): boolean =>
    line
      .trim()
      .replace(/^--/, '')
      .split(/[\s=#]/, 1)[0] === name;
  const at = lines.findIndex(isIts);
  const kept = lines.filter((line, index) => index === at || !isIts(line));
  const place = kept.findIndex(isIts);
  if (value === undefined) {
    if (place >= 0) kept.splice(place, 1);
  } else if (place < 0) kept.push(`${name} ${value}`);
  else {
    const [comment = ''] = /\s+#.*$/.exec(kept[place] ?? '') ?? [];
    kept[place] = `${name} ${value}${comment}`;
  }
  return kept.length === 0 ? '' : `${kept.join('\n')}\n`;
}

function ownerOf(program: Command, { command }: Setting): Command | undefined {
  if (command === undefined) return program;
  return program.commands.find((one) => one.name() === command);
}

function named(option: Option, name: string): boolean {
  return option.long === `--${name}` && option.attributeName() !== 'version';
}

function nameOf({ command, option }: Setting): string {
  return command === undefined ? option : `${option} of ${command}`;
}

function valueOf(option: Option, { option: name, value }: Setting, before: unknown): unknown {
  if (option.required || option.optional) {
    // Commander calls it with what an earlier one gave.
    return option.parseArg === undefined ? value : option.parseArg(value, before);
  }
  if (value !== 'yes' && value !== 'no') throw usageError(`${name} is either yes or no`);
  return (value === 'yes') !== option.negate;
}
