/**
 * What is for this process alone: the socket by which it speaks for the whole service (tor would say
 * that it is ready, and the service's main process), descriptors and secrets that the service manager
 * hands over; see sd_notify(3), sd_listen_fds(3) and systemd.exec(5).
 */
const OF_THIS_SERVICE =
  /^(?:NOTIFY_SOCKET|WATCHDOG_.*|LISTEN_(?:PID|FDS|FDNAMES)|CREDENTIALS_DIRECTORY)$/i;

/** This process's environment for a program that it starts, without what is for itself alone. */
export function childEnvironment(
  isOurs: (name: string) => boolean = (name) => name.startsWith('ONIONFERRY_'),
): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !OF_THIS_SERVICE.test(name) && !isOurs(name)),
  );
}
