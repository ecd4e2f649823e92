import type { Argument, Command, Option } from 'commander';

/** What may follow: files, folders, one of some words, or something only the user knows. */
export type Value =
  | { readonly kind: 'file' | 'folder' | 'unknown' }
  | { readonly kind: 'choice'; readonly words: readonly string[] };

export interface DescribedOption {
  readonly flags: readonly string[];
  readonly description: string;
  /** Missing of a switch. */
  readonly value?: Value;
}

export interface DescribedCommand {
  /** "onionferry key new" as ['key', 'new']; the program itself: []. */
  readonly path: readonly string[];
  readonly description: string;
  /** Its own and those of the commands around it. */
  readonly options: readonly DescribedOption[];
  readonly commands: readonly { readonly name: string; readonly description: string }[];
  /** Of its arguments, of which the last may repeat. */
  readonly values: readonly Value[];
}

const FILES = ['file', 'path', 'program'];
const FOLDERS = ['dir'];

/** All commands, from their own definitions. */
export function describeCommands(program: Command): readonly DescribedCommand[] {
  return describe(program, [], []);
}

function describe(
  command: Command,
  path: readonly string[],
  outer: readonly Option[],
): DescribedCommand[] {
  const { commands, options } = command;
  const all = [...options, ...outer].filter((option) => !option.hidden);
  const help = { flags: ['-h', '--help'], description: 'show help for a command' };
  const own: DescribedCommand = {
    path,
    description: command.summary() || command.description(),
    options: [...all.map(describeOption), help],
    commands: commands.map((one) => ({
      name: one.name(),
      description: one.summary() || one.description(),
    })),
    values:
      command.name() === 'help'
        ? [{ kind: 'choice', words: (command.parent?.commands ?? []).map((one) => one.name()) }]
        : command.registeredArguments.map(valueOf),
  };
  const inner = commands.flatMap((one) => describe(one, [...path, one.name()], all));
  return [own, ...inner];
}

function describeOption(option: Option): DescribedOption {
  const flags = [option.short, option.long].filter((flag) => flag !== undefined);
  const [, name] = /<([^>]+)>/.exec(option.flags) ?? [];
  return {
    flags,
    description: option.description,
    ...(name !== undefined && { value: valueNamed(name, option.argChoices) }),
  };
}

function valueOf(argument: Argument): Value {
  return valueNamed(argument.name(), argument.argChoices);
}

function valueNamed(name: string, choices: readonly string[] | undefined): Value {
  if (choices !== undefined) return { kind: 'choice', words: choices };
  if (FILES.includes(name)) return { kind: 'file' };
  return { kind: FOLDERS.includes(name) ? 'folder' : 'unknown' };
}
