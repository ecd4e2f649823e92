import type { DescribedCommand, Value } from './described.js';
import { commandsAsCases, flagsWithValue } from './walking.js';

/** A script for `~/.config/fish/completions/onionferry.fish`, or for `source`. */
export function fishCompletion(commands: readonly DescribedCommand[]): string {
  const cases = commandsAsCases(commands).replaceAll('|', ' ');
  return `# completion of onionferry for fish
function __onionferry_at
    set -l at ''
    set -l skip ''
    for word in (commandline -opc)[2..-1]
        if test -n "$skip"
            set skip ''
        else if contains -- $word ${flagsWithValue(commands).join(' ')}
            set skip 1
        else if contains -- "$at/$word" ${cases}
            set at "$at/$word"
        end
    end
    test "$at" = "$argv[1]"
end
complete -c onionferry -f
${commands.flatMap(linesOf).join('\n')}
`;
}

function linesOf({ path, options, commands, values }: DescribedCommand): string[] {
  const here = `complete -c onionferry -n '__onionferry_at "${path.map((name) => `/${name}`).join('')}"'`;
  const named = commands.map(
    ({ name, description }) => `${here} -a ${name} -d ${quoted(description)}`,
  );
  const operand = values.at(-1);
  return [
    ...named,
    ...(operand === undefined || named.length > 0 ? [] : [`${here}${completing(operand, false)}`]),
    ...options.map(({ flags, description, value }) => {
      const spelled = flags.map((flag) =>
        flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`,
      );
      const taking = value === undefined ? '' : completing(value, true);
      return `${here} ${spelled.join(' ')}${taking} -d ${quoted(description)}`;
    }),
  ];
}

function completing(value: Value, isOfOption: boolean): string {
  const required = isOfOption ? ' -r' : '';
  switch (value.kind) {
    case 'choice':
      return `${required} -f -a ${quoted(value.words.join(' '))}`;
    case 'file':
      return `${required} -F`;
    case 'folder':
      return `${required} -f -a '(__fish_complete_directories)'`;
    case 'unknown':
      return `${required} -f`;
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
