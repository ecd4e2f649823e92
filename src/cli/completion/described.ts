import { type Argument, type Command, Help, type Option } from 'commander';

/** What may follow: files, folders, one of some words, or something only the user knows. */
export type Value =
  | { readonly kind: 'file' | 'folder' | 'unknown' }
  | { readonly kind: 'choice'; readonly words: readonly string[] };

export interface DescribedOption {
  readonly flags: readonly string[];
  readonly description: string;
  /** As its help spells it: "-t, --message <text>". */
  readonly term: string;
  /** As its help says it, with choices and the variable of the environment. */
  readonly explanation: string;
  /** One of the program, which each command takes. */
  readonly isInherited: boolean;
  /** Missing of a switch. */
  readonly value?: Value;
}

export interface DescribedArgument {
  readonly name: string;
  readonly explanation: string;
}

export interface DescribedCommand {
  /** "onionferry key new" as ['key', 'new']; the program itself: []. */
  readonly path: readonly string[];
  /** In a few words, as lists of commands have it. */
  readonly description: string;
  /** The sentence that heads its help. */
  readonly explanation: string;
  /** What its help says after the options; may be empty. */
  readonly notes: string;
  /** "onionferry send [options] [path...]" */
  readonly usage: string;
  /** Its own and those of the commands around it. */
  readonly options: readonly DescribedOption[];
  readonly commands: readonly { readonly name: string; readonly description: string }[];
  readonly args: readonly DescribedArgument[];
  /** Of its arguments, of which the last may repeat. */
  readonly values: readonly Value[];
}

const FILES = ['file', 'path', 'program'];
const FOLDERS = ['dir'];
const help = new Help();

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
  const visible = options.filter((option) => !option.hidden);
  const own: DescribedCommand = {
    path,
    description: command.summary() || command.description(),
    explanation: command.description(),
    notes: notesOf(command),
    usage: help.commandUsage(command),
    options: [
      ...visible.map((option) => describeOption(option, false)),
      ...outer.map((option) => describeOption(option, true)),
      describeHelp(path.length > 0),
    ],
    commands: commands.map((one) => ({
      name: one.name(),
      description: one.summary() || one.description(),
    })),
    args: command.registeredArguments.map((argument) => ({
      name: argument.name(),
      explanation: help.argumentDescription(argument),
    })),
    values:
      command.name() === 'help'
        ? [{ kind: 'choice', words: (command.parent?.commands ?? []).map((one) => one.name()) }]
        : command.registeredArguments.map(valueOf),
  };
  const inner = commands.flatMap((one) =>
    describe(one, [...path, one.name()], [...visible, ...outer]),
  );
  return [own, ...inner];
}

/** What `addHelpText` has put behind the options, for which commander has no other question. */
function notesOf(command: Command): string {
  const before = command.configureOutput();
  let whole = '';
  command.configureOutput({ writeOut: (text) => (whole += text) });
  command.outputHelp();
  command.configureOutput(before);
  return whole.slice(command.helpInformation().length).trim();
}

function describeHelp(isInherited: boolean): DescribedOption {
  const description = 'show help for a command';
  const flags = ['-h', '--help'];
  return { flags, description, term: flags.join(', '), explanation: description, isInherited };
}

function describeOption(option: Option, isInherited: boolean): DescribedOption {
  const flags = [option.short, option.long].filter((flag) => flag !== undefined);
  const [, name] = /<([^>]+)>/.exec(option.flags) ?? [];
  return {
    flags,
    description: option.description,
    term: option.flags,
    explanation: help.optionDescription(option),
    isInherited,
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
