import type { DescribedCommand, Value } from './described.js';
import { commandsAsCases, flagsWithValue } from './walking.js';

/** A script for `source <(onionferry completion bash)`, or for bash-completion's folder. */
export function bashCompletion(commands: readonly DescribedCommand[]): string {
  return `# completion of onionferry for bash
_onionferry() {
  local current=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]}
  local at='' skip='' word i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if [[ -n $skip ]]; then skip=''; continue; fi
    case $word in ${flagsWithValue(commands).join('|')}) skip=1; continue ;; esac
    case "$at/$word" in ${commandsAsCases(commands)}) at="$at/$word" ;; esac
  done
  case "$at $before" in
${commands.flatMap(valueCases).join('\n')}
  esac
  if [[ $current == -* ]]; then
    case $at in
${commands.map(optionCase).join('\n')}
    esac
    return
  fi
  case $at in
${commands.map(operandCase).join('\n')}
  esac
}
complete -F _onionferry onionferry
`;
}

function valueCases({ path, options }: DescribedCommand): string[] {
  return options.flatMap(({ flags, value }) => {
    if (value === undefined) return [];
    const cases = flags.map((flag) => `"${at(path)} ${flag}"`).join('|');
    return [`    ${cases}) ${completing(value)}; return ;;`];
  });
}

function optionCase({ path, options }: DescribedCommand): string {
  const flags = options.flatMap((option) => option.flags).join(' ');
  return `      "${at(path)}") COMPREPLY=($(compgen -W '${flags}' -- "$current")) ;;`;
}

function operandCase({ path, commands, values }: DescribedCommand): string {
  const names = commands.map(({ name }) => name);
  const value: Value =
    names.length > 0 ? { kind: 'choice', words: names } : (values.at(-1) ?? { kind: 'unknown' });
  return `    "${at(path)}") ${completing(value)} ;;`;
}

function completing(value: Value): string {
  switch (value.kind) {
    case 'choice':
      return `COMPREPLY=($(compgen -W '${value.words.join(' ')}' -- "$current"))`;
    case 'file':
      return `compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$current")`;
    case 'folder':
      return `compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -d -- "$current")`;
    case 'unknown':
      return ':';
  }
}

function at(path: readonly string[]): string {
  return path.map((name) => `/${name}`).join('');
}
