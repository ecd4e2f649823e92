import type { Command } from 'commander';

export interface NotifyOption {
  readonly notify?: boolean;
}

export function addNotifyOption(command: Command): Command {
  return command.option('--notify', 'ring the bell, and notify the desktop, when you are needed');
}

export interface ClipboardOption {
  readonly clipboard?: boolean;
}

export function addClipboardOption(command: Command): Command {
  return command.option('--clipboard', 'copy the invitation to the clipboard');
}
