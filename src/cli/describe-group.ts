import type { Command } from 'commander';

/**
 * Completes a command that only holds others: the global options are theirs to show. To be called
 * after they are registered, for they take over the help of what holds them.
 */
export function describeGroup(group: Command): void {
  group
    .helpCommand(false)
    .configureHelp({ showGlobalOptions: false })
    .addHelpText('after', '\nglobal options: onionferry --help');
}
