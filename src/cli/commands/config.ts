import type { Command } from 'commander';
import { usageError } from '../../api/options.js';
import {
  applySetting,
  configPath,
  editedConfig,
  parseConfig,
  readConfig,
  takesValue,
} from '../config-file.js';
import { describeGroup } from '../global-options.js';
import type { Session } from '../session.js';
import { texts } from '../wording.js';

const EXAMPLES = `
the configuration holds options, one a line, with comments behind #. options
of all commands stand by their name, those of one command behind its name and
a dot. the command line and the environment go before it.

examples:
  onionferry config set no-qr yes
  onionferry config set send.throttle 2MB/s
  onionferry config unset send.throttle
  onionferry config show`;

export function registerConfig(program: Command, session: Session): void {
  const { screen } = session;
  const config = program
    .command('config')
    .summary('show or change options that are always given')
    .description('shows or changes the configuration, a file of options that are always given')
    .addHelpText('after', EXAMPLES);
  const pathFor = (command: Command): string => {
    const { dataDir } = command.optsWithGlobals<{ dataDir?: string }>();
    return configPath(dataDir);
  };
  config
    .command('path')
    .description('print where the configuration is')
    .action((_: unknown, command: Command) => {
      const path = pathFor(command);
      screen.answer({ json: { event: 'config', path }, lines: [path] });
    });
  config
    .command('show')
    .description('print what is set')
    .action((_: unknown, command: Command) => {
      const path = pathFor(command);
      const text = readConfig(path);
      const settings = parseConfig(text, path).map(({ command: owner, option, value }) => ({
        name: owner === undefined ? option : `${owner}.${option}`,
        value,
      }));
      screen.answer({
        json: { event: 'config', path, settings },
        lines: settings.map(({ name, value }) => `${name} ${value}`),
      });
      if (settings.length === 0) screen.remark({ text: texts.nothingSet });
    });
  config
    .command('set')
    .description('set an option')
    .argument('<option>', 'its name, such as no-qr or send.throttle')
    .argument('[value]', 'what it is set to; a switch is set to "yes" without it')
    .action(async (name: string, value: string | undefined, _: unknown, command: Command) => {
      const line = `${bare(name)} ${value ?? 'yes'}`;
      if (value === undefined && takesValue(program, bare(name))) {
        throw usageError(`VALUE is missing: ${bare(name)} is no switch`);
      }
      if (/[\r\n#]/.test(line)) throw usageError('a value is one line without #');
      await change(bare(name), value ?? 'yes', command);
    });
  config
    .command('unset')
    .description('forget an option')
    .argument('<option>', 'its name')
    .action((name: string, _: unknown, command: Command) => change(bare(name), undefined, command));
  describeGroup(config);

  async function change(name: string, value: string | undefined, command: Command): Promise<void> {
    const path = pathFor(command);
    const text = editedConfig(readConfig(path), name, value);
    // What cannot be understood is not written. Nothing else is run with these commands.
    if (value !== undefined) {
      for (const setting of parseConfig(`${name} ${value}`, path)) applySetting(program, setting);
    }
    const { replaceDataFile } = await import('../../api/replace-data-file.js');
    await replaceDataFile(path, text);
  }
}

function bare(name: string): string {
  return name.replace(/^--/, '');
}
