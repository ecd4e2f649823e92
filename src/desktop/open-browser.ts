import { spawn } from 'node:child_process';

/** The system's own program that opens an address in the user's browser. */
const OPENERS: Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>> = {
  darwin: ['open'],
  // Not `start`, whose shell would read `&` in an address.
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
};
const XDG_OPEN = ['xdg-open'] as const;

/**
 * Opens `address` in the user's own browser, which outlives this program.
 *
 * @returns whether a program that opens addresses could be started
 */
export async function openBrowser(
  address: string,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<boolean> {
  const [command, ...args] = OPENERS[process.platform] ?? XDG_OPEN;
  const hasScreen =
    process.platform === 'darwin' ||
    process.platform === 'win32' ||
    ['DISPLAY', 'WAYLAND_DISPLAY', 'BROWSER'].some((name) => (environment[name] ?? '') !== '');
  // Without a screen, xdg-open would start a browser in the terminal.
  if (!hasScreen) return false;
  return await new Promise((resolve) => {
    const child = spawn(command, [...args, address], {
      detached: true,
      stdio: 'ignore',
      env: environment,
    });
    child.once('error', () => resolve(false));
    child.once('spawn', () => {
      child.unref();
      resolve(true);
    });
  });
}
