import type { DescribedCommand, Value } from './described.js';
import { commandsAsCases, flagsWithValue } from './walking.js';

/** A script for a file named `_onionferry` in one of the folders of `$fpath`, or for `source`. */
export function zshCompletion(commands: readonly DescribedCommand[]): string {
  return `#compdef onionferry
# completion of onionferry for zsh
_onionferry() {
  local at='' skip='' word
  local -a found
  for word in "\${(@)words[2,CURRENT-1]}"; do
    if [[ -n $skip ]]; then skip=''; continue; fi
    case $word in (${flagsWithValue(commands).join('|')}) skip=1; continue ;; esac
    case "$at/$word" in (${commandsAsCases(commands)}) at="$at/$word" ;; esac
  done
  case "$at \${words[CURRENT-1]}" in
${commands.flatMap(valueCases).join('\n')}
  esac
  if [[ \${words[CURRENT]} == -* ]]; then
    case $at in
${commands.map(optionCase).join('\n')}
    esac
    _describe option found
    return
  fi
  case $at in
${commands.map(operandCase).join('\n')}
  esac
}
if [[ \${funcstack[1]} == _onionferry ]]; then _onionferry "$@"; else compdef _onionferry onionferry; fi
`;
}

function valueCases({ path, options }: DescribedCommand): string[] {
  return options.flatMap(({ flags, value }) => {
    if (value === undefined) return [];
    const cases = flags.map((flag) => `"${at(path)} ${flag}"`).join('|');
    return [`    (${cases}) ${completing(value)}; return ;;`];
  });
}

function optionCase({ path, options }: DescribedCommand): string {
  const entries = options.flatMap(({ flags, description }) =>
    flags.map((flag) => entry(flag, description)),
  );
  return `      ("${at(path)}") found=(${entries.join(' ')}) ;;`;
}

function operandCase({ path, commands, values }: DescribedCommand): string {
  const entries = commands.map(({ name, description }) => entry(name, description));
  const action =
    entries.length > 0
      ? `found=(${entries.join(' ')}); _describe command found`
      : completing(values.at(-1) ?? { kind: 'unknown' });
  return `    ("${at(path)}") ${action} ;;`;
}

function completing(value: Value): string {
  switch (value.kind) {
    case 'choice':
      return `compadd -- ${value.words.join(' ')}`;
    case 'file':
      return '_files';
    case 'folder':
      return '_files -/';
    case 'unknown':
      return ':';
  }
}

/** For _describe: the name, a colon, and what it is. */
function entry(name: string, description: string): string {
  return quoted(`${name.replaceAll(':', '\\:')}:${description}`);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function at(path: readonly string[]): string {
  return path.map((name) => `/${name}`).join('');
}
