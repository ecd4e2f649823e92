import { spawn } from 'node:child_process';
import type { Terminal } from './terminal.js';

/** A program of the desktop, and whether there is a desktop that it could reach. */
interface DesktopProgram {
  readonly command: string;
  readonly args: readonly string[];
  readonly isUsable: (environment: NodeJS.ProcessEnv, platform: NodeJS.Platform) => boolean;
}

const CLIPBOARDS: readonly DesktopProgram[] = [
  {
    command: 'wl-copy',
    args: [],
    isUsable: ({ WAYLAND_DISPLAY = '' }) => WAYLAND_DISPLAY !== '',
  },
  {
    command: 'xclip',
    args: ['-selection', 'clipboard'],
    isUsable: ({ DISPLAY = '' }) => DISPLAY !== '',
  },
  { command: 'pbcopy', args: [], isUsable: (_, platform) => platform === 'darwin' },
];

/** One that hangs must not hold up a transfer. */
const PROGRAM_MAX_MS = 5_000;
const BELL = '\u0007';

/** How a text has come onto the clipboard: by which program, through the terminal, or not at all. */
export type Copied = { readonly by: string } | 'asked the terminal' | 'no clipboard';

/** Puts a text onto the clipboard. It is given on standard input, where nobody else can see it. */
export async function copyText(
  text: string,
  terminal: Terminal,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<Copied> {
  for (const { command, args, isUsable } of CLIPBOARDS) {
    if (!isUsable(environment, process.platform)) continue;
    if (await succeeds(command, args, environment, text)) return { by: command };
  }
  if (!terminal.isSmart) return 'no clipboard';
  // OSC 52 (xterm's control sequences, "Manipulate Selection Data"). No terminal says whether it did.
  terminal.stderr.write(`\u001b]52;c;${Buffer.from(text).toString('base64')}${BELL}`);
  return 'asked the terminal';
}

/** Rings the terminal's bell, and shows a notification where there is a desktop. Never throws. */
export function notify(
  text: string,
  terminal: Terminal,
  environment: NodeJS.ProcessEnv = process.env,
): void {
  if (terminal.stderr.isTTY === true) terminal.stderr.write(BELL);
  const { DISPLAY = '', WAYLAND_DISPLAY = '' } = environment;
  if (DISPLAY === '' && WAYLAND_DISPLAY === '') return;
  void succeeds('notify-send', ['--app-name=onionferry', 'onionferry', text], environment);
}

/** Whether there is such a program, and it ended well. */
function succeeds(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  input = '',
): Promise<boolean> {
  return new Promise((resolve) => {
    // Some stay, to serve what was copied: they must not keep our output open.
    const child = spawn(command, args, {
      env,
      stdio: ['pipe', 'ignore', 'ignore'],
      timeout: PROGRAM_MAX_MS,
    });
    child.once('error', () => resolve(false));
    child.once('exit', (status) => resolve(status === 0));
    // It may have ended before it read anything; its status says so.
    child.stdin.once('error', () => undefined);
    child.stdin.end(input);
  });
}
