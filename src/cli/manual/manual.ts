import type { Command } from 'commander';
import {
  type DescribedCommand,
  type DescribedOption,
  describeCommands,
} from '../completion/described.js';
import { bold, item, line, literal, prose, section, sentences, term, verbatim } from './roff.js';

export interface ManualPage {
  /** "onionferry-send.1" */
  readonly file: string;
  /** In the language of man(7). */
  readonly text: string;
}

const PROGRAM = 'onionferry';

/** The program's page and one for each of its commands, from the definitions that make the help. */
export function manualPages(program: Command, version: string): readonly ManualPage[] {
  const all = describeCommands(program);
  return all
    .filter(({ path }) => path.length < 2)
    .map((command) => {
      const { path } = command;
      const inner = all.filter((one) => one.path.length > 1 && one.path[0] === path[0]);
      const lines = [...heading(path, version), ...page(command, inner), ...seeAlso(command)];
      return { file: `${nameOf(path)}.1`, text: `${lines.join('\n')}\n` };
    });
}

function heading(path: readonly string[], version: string): readonly string[] {
  // Without a date: the same sources give the same page. Names are copied, so none is hyphenated.
  const title = `.TH ${literal(nameOf(path).toUpperCase())} 1 "" "${PROGRAM} ${literal(version)}" "${PROGRAM}"`;
  return [title, '.nh', '.ad l'];
}

/** @param inner those of a group such as `key`, which have no pages of their own */
function page(command: DescribedCommand, inner: readonly DescribedCommand[]): readonly string[] {
  const { path, args, commands } = command;
  const { paragraphs, sections } = notesOf(command);
  const isProgram = path.length === 0;
  // The program's "description" is a sentence about it already.
  const inShort = isProgram ? command.explanation : command.description;
  return [
    ...section('NAME', [line(`${literal(nameOf(path))} \\- ${prose(oneLine(inShort))}`)]),
    ...section('SYNOPSIS', [synopsis(command)]),
    ...section('DESCRIPTION', [
      ...[command.explanation, ...paragraphs].flatMap((text, index) => [
        ...(index === 0 ? [] : ['.PP']),
        line(prose(sentences(text))),
      ]),
      ...(isProgram ? [] : INHERITED),
    ]),
    ...section('ARGUMENTS', [
      ...args.flatMap(({ name, explanation }) => item(term(name), explanation)),
    ]),
    ...section('OPTIONS', ownOptions(command).flatMap(optionItem)),
    ...section('COMMANDS', isProgram ? commands.flatMap(commandItem) : inner.flatMap(subsection)),
    ...sections.flatMap(({ title, rows }) => section(title, rowLines(rows))),
  ];
}

const INHERITED = [
  '.PP',
  'The options of',
  `.BR ${PROGRAM} (1)`,
  'can be given as well, before or after the name of the command.',
];

function subsection(command: DescribedCommand): readonly string[] {
  const { paragraphs, sections } = notesOf(command);
  return [
    `.SS ${literal(command.path.join(' '))}`,
    synopsis(command),
    ...[command.explanation, ...paragraphs].flatMap((text) => [
      '.PP',
      line(prose(sentences(text))),
    ]),
    ...command.args.flatMap(({ name, explanation }) => item(term(name), explanation)),
    ...ownOptions(command).flatMap(optionItem),
    ...sections.flatMap(({ rows }) => ['.PP', ...rowLines(rows)]),
  ];
}

function commandItem({
  name,
  description,
}: {
  name: string;
  description: string;
}): readonly string[] {
  return ['.TP', `.BR ${literal(nameOf([name]))} (1)`, line(prose(sentences(description)))];
}

function optionItem({ term: spelled, explanation }: DescribedOption): readonly string[] {
  return item(term(spelled), explanation);
}

function ownOptions({ options }: DescribedCommand): readonly DescribedOption[] {
  return options.filter(({ isInherited }) => !isInherited);
}

function synopsis({ usage }: DescribedCommand): string {
  const [, name = '', operands = ''] = /^([^[<]*)(.*)$/.exec(usage) ?? [];
  return line(`${bold(name.trimEnd())} ${term(operands)}`.trimEnd());
}

interface Notes {
  readonly paragraphs: readonly string[];
  readonly sections: readonly { readonly title: string; readonly rows: readonly string[] }[];
}

/** What stands behind the options of a help: paragraphs, and lists below a word and a colon. */
function notesOf({ notes }: DescribedCommand): Notes {
  const blocks = notes.split(/\n{2,}/).filter((block) => block !== '');
  const isList = (block: string): boolean => /^[a-z ]+:\n/.test(block);
  return {
    paragraphs: blocks.filter((block) => !isList(block) && !block.startsWith('global options:')),
    sections: blocks.filter(isList).map((block) => {
      const [head = '', ...rows] = block.split('\n');
      return { title: head.slice(0, -1).toUpperCase(), rows };
    }),
  };
}

/** Rows of two columns become terms with their meanings, others stay as they are. */
function rowLines(rows: readonly string[]): readonly string[] {
  const text = oneLine(rows.join(' '));
  if (/^\d+ /.test(text)) {
    return text.split(/, (?=\d+ )/).flatMap((status) => {
      const [number = '', ...meaning] = status.split(' ');
      return item(bold(number), meaning.join(' '));
    });
  }
  const isTable = rows.some((row) => columnsOf(row) !== undefined);
  if (!isTable) return verbatim(rows.map((row) => row.trimStart()));
  return rows.flatMap((row) => {
    const [head = row.trim(), meaning] = columnsOf(row) ?? [];
    return meaning === undefined ? ['.TP', line(bold(head)), '\\&'] : item(bold(head), meaning);
  });
}

function columnsOf(row: string): readonly [string, string] | undefined {
  const [, head, meaning] = /^\s*(\S.*?) {2,}(\S.*)$/.exec(row) ?? [];
  return head === undefined || meaning === undefined ? undefined : [head, meaning];
}

function seeAlso({ path, commands }: DescribedCommand): readonly string[] {
  if (path.length > 0) return section('SEE ALSO', [`.BR ${PROGRAM} (1)`]);
  const names = commands.map(({ name }) => `.BR ${literal(nameOf([name]))} (1)`);
  return section('SEE ALSO', [names.join(' ,\n')]);
}

function nameOf(path: readonly string[]): string {
  return [PROGRAM, ...path].join('-');
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
